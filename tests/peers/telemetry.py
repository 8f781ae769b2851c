"""What services tell a collector that is not ours: Rotel takes it by OTLP, and what it passes on is read with
OpenTelemetry's own messages. Two services run as processes of their own, put together by environment variables alone."""

import atexit
import gzip
import importlib.util
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

binaries, folder = Path(sys.argv[1]), Path(sys.argv[2])
TRACE, PARENT, SECRET = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "ada-lovelace"
received = {"/v1/traces": [], "/v1/metrics": []}


class Sink(BaseHTTPRequestHandler):
    """Keeps what the collector passes on."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received[self.path].append(gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(what, holds):
    end = time.monotonic() + 60
    while not (value := holds()):
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.05)
    return value


def listens(at):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", at)) == 0


def answers(url):
    try:
        return urllib.request.urlopen(url).status == 200
    except OSError:
        return False


processes = []
atexit.register(lambda: [process.kill() for process in processes])


def run(command, log, **settings):
    with open(folder / log, "ab") as errors:
        process = subprocess.Popen(command, env=os.environ | settings, stdout=errors, stderr=errors)
    processes.append(process)
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, process.args


sink = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
threading.Thread(target=sink.serve_forever, daemon=True).start()
grpc, http, identity = port(), port(), port()
rotel = Path(importlib.util.find_spec("rotel").submodule_search_locations[0]) / "rotel-agent"
rotel.chmod(0o755)
run(
    [rotel, "start", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}", "--otlp-http-endpoint", f"127.0.0.1:{http}",
     "--exporter", "otlp", "--otlp-exporter-protocol", "http",
     "--otlp-exporter-endpoint", f"http://127.0.0.1:{sink.server_port}"],
    "collector",
)
# What a service still has to tell when it stops is told once.
until("the collector listens", lambda: listens(http))

subprocess.run([binaries / "shop-dev", "certificates", folder / "tls"], check=True, stdout=subprocess.DEVNULL)
run([binaries / "shop-dev", "identity", f"127.0.0.1:{identity}"], "identity")
ports = {"orders": (port(), port()), "front": (port(), port())}
store = port()
own = folder / "tls" / "shared"
run(
    ["redis-server", "--bind", "127.0.0.1", "--port", "0", "--save", "", "--tls-port", str(store),
     "--tls-cert-file", own / "tls.crt", "--tls-key-file", own / "tls.key", "--tls-ca-cert-file", own / "ca.crt"],
    "store",
)


until("the store listens", lambda: listens(store))


def service(name, mode, **settings):
    """Starts a service by nothing but its environment, and waits until it takes requests."""
    at, admin = ports[name]
    tls = folder / "tls" / name
    process = run(
        [binaries / f"shop-{name}"],
        f"{name}.log",
        APP_TLS__CERTIFICATE=str(tls / "tls.crt"),
        APP_TLS__KEY=str(tls / "tls.key"),
        APP_TLS__AUTHORITIES=str(tls / "ca.crt"),
        APP_ISSUERS__STAFF__JWKS=f"http://127.0.0.1:{identity}/staff/jwks.json",
        APP_STORES__SHARED__ADDRESS=f"127.0.0.1:{store}",
        APP_LOG__FILTER="info,platform=debug",
        APP_LISTEN__ADMIN=f"127.0.0.1:{admin}",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{http}",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=ci",
        **{f"APP_LISTEN__{mode}": f"127.0.0.1:{at}"},
        **settings,
    )
    until(f"{name} is ready", lambda: answers(f"http://127.0.0.1:{admin}/readyz"))
    return process


orders = service("orders", "MUTUAL")
front = service("front", "SERVER", APP_TARGETS__ORDERS__MUTUAL=f'["127.0.0.1:{ports["orders"][0]}"]')
tokens = f"http://127.0.0.1:{identity}/staff/tokens/customer"
until("the identity provider answers", lambda: answers(tokens))
token = urllib.request.urlopen(tokens).read().decode().strip()
trusted = ssl.create_default_context(cafile=folder / "tls" / "ca.crt")


def place(flags="01", key="one", trace=TRACE):
    """Places an order as part of a trace; the status of the answer."""
    order = {"customer": SECRET, "items": [{"sku": "pen", "quantity": 2}]}
    request = urllib.request.Request(
        f"https://localhost:{ports['front'][0]}/v1/shop/place?also={SECRET}",
        json.dumps(order).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {token}", "idempotency-key": key,
         "traceparent": f"00-{trace}-{PARENT}-{flags}", "tracestate": "peer=1"},
    )
    try:
        return urllib.request.urlopen(request, context=trusted).status
    except urllib.error.HTTPError as error:
        return error.code


DOWN, UNSAMPLED = TRACE[:-1] + "7", TRACE[:-1] + "8"
assert place() == 200
assert place("00", "two", UNSAMPLED) == 200
metrics = urllib.request.urlopen(f"http://127.0.0.1:{ports['front'][1]}/metrics").read()
(folder / "metrics").write_bytes(metrics)
stop(orders)
assert place(key="three", trace=DOWN) == 503
stop(front)


def value(any_value):
    return getattr(any_value, any_value.WhichOneof("value"))


def told(attributes):
    return {one.key: value(one.value) for one in attributes}


def traces():
    """Each span with what its resource says."""
    for body in received["/v1/traces"]:
        for of_one in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in of_one.scope_spans:
                yield from ((told(of_one.resource.attributes), span) for span in scope.spans)


def one(trace, kind, service):
    found = [(of, span) for of, span in traces()
             if span.trace_id.hex() == trace and span.kind == kind and of["service.name"] == service]
    return found


until("the last spans arrive", lambda: one(DOWN, Span.SPAN_KIND_SERVER, "front"))
until("the first spans arrive", lambda: one(TRACE, Span.SPAN_KIND_SERVER, "orders"))

[(of_front, entry)] = one(TRACE, Span.SPAN_KIND_SERVER, "front")
[(_, call)] = one(TRACE, Span.SPAN_KIND_CLIENT, "front")
[(of_orders, inner)] = one(TRACE, Span.SPAN_KIND_SERVER, "orders")
assert entry.parent_span_id.hex() == PARENT
assert call.parent_span_id == entry.span_id and inner.parent_span_id == call.span_id
assert {span.trace_state for span in (entry, call, inner)} == {"peer=1"}
assert entry.start_time_unix_nano <= call.start_time_unix_nano <= inner.start_time_unix_nano
assert inner.end_time_unix_nano <= call.end_time_unix_nano <= entry.end_time_unix_nano
assert entry.name == "POST /v1/shop/place", entry.name
assert call.name == inner.name == "shop.orders.Orders/Place", (call.name, inner.name)
at = told(entry.attributes)
assert (at["http.request.method"], at["http.route"], at["http.response.status_code"]) == ("POST", "/v1/shop/place", 200)
assert (at["api.name"], at["api.operation"]) == ("Shop", "place")
rpc = {"rpc.system": "grpc", "rpc.service": "shop.orders.Orders", "rpc.method": "Place", "rpc.grpc.status_code": 0}
for span in (call, inner):
    at = told(span.attributes)
    assert rpc.items() <= at.items(), at
at = told(call.attributes)
assert (at["server.address"], at["server.port"], at["edge.attempt"]) == ("127.0.0.1", ports["orders"][0], 1), at
for of, name in [(of_front, "front"), (of_orders, "orders")]:
    expected = {"service.name": name, "service.namespace": "shop", "service.version": "0.1.0",
                "deployment.environment.name": "ci"}
    assert expected.items() <= of.items() and of["service.instance.id"], of
print("one trace through two services: names, parents, attributes, resources")

assert not [span for _, span in traces() if span.trace_id.hex() == UNSAMPLED]
print("a trace that the caller does not record is not recorded")

[(_, entry)] = one(DOWN, Span.SPAN_KIND_SERVER, "front")
assert entry.status.code == Status.STATUS_CODE_ERROR
at = told(entry.attributes)
assert (at["http.response.status_code"], at["error.type"]) == (503, "unavailable"), at
attempts = sorted(told(span.attributes)["edge.attempt"] for _, span in one(DOWN, Span.SPAN_KIND_CLIENT, "front"))
assert attempts == [1, 2, 3], attempts
for _, span in one(DOWN, Span.SPAN_KIND_CLIENT, "front"):
    assert span.parent_span_id == entry.span_id and told(span.attributes)["error.type"] == "unavailable"
print("each attempt to reach a service that is down is a span")


def point(service, name, **labels):
    """The newest value of a metric."""
    found = None
    for body in received["/v1/metrics"]:
        for of_one in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            if told(of_one.resource.attributes)["service.name"] != service:
                continue
            for metric in (metric for scope in of_one.scope_metrics for metric in scope.metrics):
                if metric.name == name:
                    for at in getattr(metric, metric.WhichOneof("data")).data_points:
                        if labels.items() <= told(at.attributes).items():
                            found = at
    return found


until("the last metrics arrive", lambda: point("front", "requests", code="unavailable"))
labels = {"api": "Shop", "operation": "place", "protocol": "rest"}
assert point("front", "requests", code="ok", **labels).as_double == 2
assert point("front", "requests", code="unavailable", **labels).as_double == 1
durations = point("front", "request_duration_seconds", **labels)
assert durations.count == 3 == sum(durations.bucket_counts) and durations.sum > 0
assert len(durations.bucket_counts) == len(durations.explicit_bounds) + 1
edge = {"edge": "front -> orders.Orders : grpc", "operation": "place"}
assert point("front", "edge_attempts", **edge).as_double == 5
assert point("front", "edge_retries", **edge).as_double == 2
assert point("orders", "requests", code="ok", api="Orders", operation="place", protocol="grpc").as_double == 2
print("the numbers that scrapers read arrive as OTLP metrics")

lines = [json.loads(line) for line in (folder / "front.log").read_text().splitlines()]
[refused] = [line for line in lines if line.get("trace_id") == DOWN and line.get("message") == "request refused"]
expected = {"service": "front", "api": "Shop", "operation": "place", "span_id": entry.span_id.hex()}
assert expected.items() <= refused.items(), refused
print("log lines are JSON and name the span that they belong to")

everything = b"".join(received["/v1/traces"] + received["/v1/metrics"])
for log in ["front.log", "orders.log"]:
    everything += (folder / log).read_bytes()
assert SECRET.encode() not in everything and token.encode() not in everything
print("nothing of what requests hold is told")
