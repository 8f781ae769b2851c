"""A gRPC client that knows nothing but the generated .proto: over mutual TLS, with and without an edge in the drawing."""

import sys
from pathlib import Path

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from shop import orders_pb2, orders_pb2_grpc, types_pb2

address, dev = sys.argv[1], Path(sys.argv[2])
token = (dev / "tokens" / "customer").read_text().strip()
metadata = [("authorization", f"Bearer {token}")]


def channel(service):
    """To the orders service, with the certificate of `service`."""
    tls = dev / "tls"
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(tls / "ca.crt").read_bytes(),
        private_key=(tls / f"{service}.key").read_bytes(),
        certificate_chain=(tls / f"{service}.crt").read_bytes(),
    )
    return grpc.secure_channel(address, credentials)


def stub(service):
    """The orders service as `service` reaches it."""
    return orders_pb2_grpc.OrdersStub(channel(service))


def refused(call):
    """The status of a call that must fail."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return error.code()
    raise AssertionError(f"answered {answer}")


front = stub("front")
wish = types_pb2.PlaceOrder(customer="ada", items=[types_pb2.Item(sku="book", quantity=2)])
placed = front.Place(wish, metadata=metadata, timeout=5)
assert placed.customer == "ada" and placed.items[0].quantity == 2, placed
found = front.Find(orders_pb2.OrdersFindRequest(id=placed.id), metadata=metadata, timeout=5)
assert found == placed, (found, placed)
print("front's certificate: Place and Find answer")

key = metadata + [("idempotency-key", "grpcio")]
first = front.Place(wish, metadata=key, timeout=5)
second = front.Place(wish, metadata=key, timeout=5)
assert first == second and first.id != placed.id, (first, second)
print("the same key: the same answer")

unknown = orders_pb2.OrdersFindRequest(id="00000000-0000-4000-8000-00000000ffff")
assert refused(lambda: front.Find(unknown, metadata=metadata, timeout=5)) == grpc.StatusCode.NOT_FOUND
wrong = types_pb2.PlaceOrder(customer="ada", items=[types_pb2.Item(sku="book", quantity=1000)])
assert refused(lambda: front.Place(wrong, metadata=metadata, timeout=5)) == grpc.StatusCode.INVALID_ARGUMENT
print("an unknown order and an invalid one: NOT_FOUND, INVALID_ARGUMENT")

# The orders service's own certificate is valid, but the drawing has no edge from orders to orders.
stranger = stub("orders")
assert refused(lambda: stranger.Place(wish, metadata=metadata, timeout=5)) == grpc.StatusCode.PERMISSION_DENIED
print("a valid certificate without an edge: PERMISSION_DENIED")

bare = orders_pb2_grpc.OrdersStub(
    grpc.secure_channel(address, grpc.ssl_channel_credentials((dev / "tls" / "ca.crt").read_bytes()))
)
assert refused(lambda: bare.Place(wish, metadata=metadata, timeout=5)) == grpc.StatusCode.UNAVAILABLE
print("no certificate: the handshake fails")

# What dev tells of itself is what the files say; nothing of it was generated here.
told = ProtoReflectionDescriptorDatabase(channel("front"))
assert list(told.get_services()) == ["shop.orders.Orders"], told.get_services()
service = DescriptorPool(told).FindServiceByName("shop.orders.Orders")
assert {it.name for it in service.methods} == {"Find", "Place"}, service.methods
place = service.methods_by_name["Place"].input_type
assert [it.name for it in place.fields] == [it.name for it in wish.DESCRIPTOR.fields], place.fields
print("reflection: the service, its methods and messages")

watch = channel("front").unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=5)
assert next(watch) == b"\x08\x01", "SERVING"
watch.cancel()
print("health is watched")
