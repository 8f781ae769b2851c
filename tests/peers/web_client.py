"""A gRPC-Web client that is not ours and knows nothing but the generated .proto: what a browser can call, and what fails."""

import sys

import grpc
from sonora.client import insecure_web_channel
from sonora.protocol import WebRpcError

from streams import feed_pb2, types_pb2

channel = insecure_web_channel(f"http://{sys.argv[1]}")
forms = feed_pb2.FeedOneRequest.SerializeToString, types_pb2.Tick.FromString
one = channel.unary_unary("/streams.feed.Feed/One", *forms)
forms = feed_pb2.FeedTicksRequest.SerializeToString, types_pb2.Tick.FromString
many = channel.unary_stream("/streams.feed.Feed/Ticks", *forms)

assert one(feed_pb2.FeedOneRequest(name="a")) == types_pb2.Tick(name="a", number=1)
print("unary")

ticks = iter(many(feed_pb2.FeedTicksRequest(name="a")))
assert [next(ticks).number for _ in range(1000)] == list(range(1000))
print("server stream")


def status(call):
    """The status of a call that must fail."""
    try:
        answer = call()
    except WebRpcError as error:
        return error.code()
    raise AssertionError(f"answered {answer}")


assert status(lambda: one(feed_pb2.FeedOneRequest(name=""))) == grpc.StatusCode.INVALID_ARGUMENT
assert status(lambda: list(many(feed_pb2.FeedTicksRequest(name="none")))) == grpc.StatusCode.NOT_FOUND
print("what a call ends with")
