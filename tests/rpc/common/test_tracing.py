"""Spans, when an exporter is set: one trace through caller, server and its peer."""

from typing import Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.common.rpc.call import current_call
from services.common.rpc.client import Peer, open_channel
from services.common.tracing import Tracing, tracing_to
from tests.rpc.common.echo import SERVICE, EchoRequest, EchoResponse, EchoStub, an_echo

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


async def test_a_trace_goes_through_server_and_peer() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing("echo", exporter)

    async with an_echo() as far:

        async def forward(request: Any) -> Any:
            channel = open_channel(f"127.0.0.1:{far.server.port}", [SERVICE])
            peer = Peer("echo", channel, tracing=tracing)
            await peer.stub(EchoStub).Unary(request)
            await peer.close()
            return EchoResponse(text=current_call().traceparent)

        async with an_echo(forward, tracing=tracing) as near:
            [seen] = await near.call("Unary", EchoRequest(), metadata=(("traceparent", PARENT),))

    spans = {span.kind.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"SERVER", "CLIENT"}
    assert all(format(span.context.trace_id, "032x") == TRACE_ID for span in spans.values())
    assert spans["CLIENT"].parent is not None
    assert spans["CLIENT"].parent.span_id == spans["SERVER"].context.span_id
    assert seen.startswith(f"00-{TRACE_ID}-")
    assert seen != PARENT


def test_without_an_endpoint_there_is_no_tracing() -> None:
    assert tracing_to("echo", "") is None
