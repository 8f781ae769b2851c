"""A gRPC client that knows nothing but the generated .proto: every shape of a call, and what ends one."""

import queue
import sys
import time
import urllib.request

import grpc
from google.protobuf.empty_pb2 import Empty

from streams import feed_pb2, feed_pb2_grpc, types_pb2

address, metrics = sys.argv[1], sys.argv[2]
feed = feed_pb2_grpc.FeedStub(grpc.insecure_channel(address))


def tick(number, name="a"):
    return types_pb2.Tick(name=name, number=number)


def status(call):
    """The status of a call that must fail."""
    try:
        answer = list(call) if hasattr(call, "__iter__") else call()
    except grpc.RpcError as error:
        return error.code()
    raise AssertionError(f"answered {answer}")


def counted(code):
    """How many streams of ticks ended so."""
    text = urllib.request.urlopen(metrics).read().decode()
    start = f'requests_total{{api="Feed",operation="ticks",protocol="grpc",code="{code}"}} '
    return sum(float(line.removeprefix(start)) for line in text.splitlines() if line.startswith(start))


assert feed.One(feed_pb2.FeedOneRequest(name="a"), timeout=5) == tick(1)
print("unary")

ticks = feed.Ticks(feed_pb2.FeedTicksRequest(name="a"))
assert [next(ticks).number for _ in range(1000)] == list(range(1000))
ticks.cancel()
for _ in range(100):
    if counted("cancelled") == 1:
        break
    time.sleep(0.05)
assert counted("cancelled") == 1, "the server noticed that nobody reads"
print("server stream, cancelled in the middle")

bounded = feed.Ticks(feed_pb2.FeedTicksRequest(name="a"), timeout=0.5)
assert status(bounded) == grpc.StatusCode.DEADLINE_EXCEEDED
none = feed.Ticks(feed_pb2.FeedTicksRequest(name="none"))
assert status(none) == grpc.StatusCode.NOT_FOUND
broken, seen = feed.Ticks(feed_pb2.FeedTicksRequest(name="breaks")), []
try:
    for one in broken:
        seen.append(one.number)
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.ABORTED, error
    assert b'"broken"' in dict(error.trailing_metadata())["problem-bin"], error.trailing_metadata()
assert seen == [0, 1], seen
print("what ends a server stream: the deadline, a problem before it, a problem in it")

total = feed.Upload(iter([tick(number) for number in range(100)]), timeout=5)
assert (total.count, total.total) == (100, 4950), total
wrong = lambda: feed.Upload(iter([tick(1), tick(-1)]), timeout=5)
assert status(wrong) == grpc.StatusCode.INVALID_ARGUMENT
print("client stream, each message of it checked")

said = queue.Queue()
answers = feed.Echo(iter(said.get, None), timeout=10)
for number in range(3):
    said.put(tick(number))
    assert next(answers) == tick(number)
said.put(None)
assert list(answers) == []
print("both ways, in turns")

samples = feed.Unwritten(Empty(), timeout=5)
assert dict(samples.initial_metadata())["x-sample"] == "true"
assert len(list(samples)) == 3
print("a stream that nobody wrote: marked samples")
