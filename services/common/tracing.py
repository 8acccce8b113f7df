"""Spans by setting. Without an endpoint nothing is made and the client's traceparent passes on."""

from __future__ import annotations

from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
MAX_QUEUED_SPANS = 4_096


class Tracing:
    """Starts and ends the spans of calls, and writes their traceparent."""

    def __init__(self, service: str, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=MAX_QUEUED_SPANS)
        )
        self._tracer = self._provider.get_tracer("services.common")

    def start(self, method: str, traceparent: str, *, server: bool) -> tuple[Any, str]:
        """Start a span under the parent; returns it and the traceparent for those below."""
        parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
        span = self._tracer.start_span(
            method.removeprefix("/"),
            context=parent,
            kind=trace.SpanKind.SERVER if server else trace.SpanKind.CLIENT,
            attributes={"rpc.system.name": "grpc", "rpc.method": method},
        )
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span))
        return span, carrier.get("traceparent", "")

    def end(self, span: Any, code: str) -> None:
        span.set_attribute("rpc.status_code", code)
        if code in {"INTERNAL", "UNKNOWN", "UNAVAILABLE"}:
            span.set_status(trace.StatusCode.ERROR)
        span.end()

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def tracing_to(service: str, otlp_endpoint: str) -> Tracing | None:
    """Export spans to the endpoint (`http://host:4317`); "" means no tracing."""
    if not otlp_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415 - heavy
        OTLPSpanExporter,
    )

    insecure = not otlp_endpoint.startswith("https")
    return Tracing(service, OTLPSpanExporter(endpoint=otlp_endpoint, insecure=insecure))
