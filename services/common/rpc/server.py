"""The gRPC server of a service: built from servicers, started, drained, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from services.common.config import LogLevel, ServiceSettings
from services.common.log_writer import STDOUT, LineWriter
from services.common.rpc.access import Criticality, MethodSpec, specs_of
from services.common.rpc.auth import Authenticator, Issuer, issuers_of
from services.common.rpc.call_log import CallLog
from services.common.rpc.deadlines import DeadlineRules
from services.common.rpc.door import Door, own_door
from services.common.rpc.health import Readiness, ReadinessCheck
from services.common.rpc.load_limit import LoadLimit
from services.common.rpc.pipeline import Pipeline
from services.common.rpc.registrar import HandlerTable, Registration, collect
from services.common.rpc.shedding import Delay, Shedding, UnderWay
from services.common.rpc.side_port import side_port
from services.common.rpc.validation import ProtovalidateEngine, RequestChecks
from services.common.telemetry import CallMeter, server_meter
from services.common.tracing import Tracing, tracing_to

KEEPALIVE_TIME_MS = 60_000
KEEPALIVE_TIMEOUT_MS = 20_000
MIN_PING_INTERVAL_MS = 10_000
MAX_CONNECTION_AGE_MS = 600_000
MAX_METADATA_BYTES = 16 * 1024
# What streams get for their last messages when the server stops.
STREAM_GOODBYE_S = 0.4
_GAUGE_NAMES = {Criticality.BEGINS_WORK: "beginning", Criticality.LOOKS: "looking"}


@dataclass(frozen=True, slots=True)
class RpcApplication:
    """What a service puts on its server.

    `registrations` are `partial(add_XServicer_to_server, servicer)`; `readiness` names what must
    answer before the service serves; `card_number_fields` are fields that hold numbers of our own
    cards; `method_timeouts_ms` gives methods another default timeout, by path; `collectors` are the
    service's own metrics; `delays` are what gets late behind the calls when too much was let in;
    `ending` is told when the server begins to stop, so that streams can say goodbye.
    """

    registrations: Sequence[Registration]
    readiness: Mapping[str, ReadinessCheck] = field(default_factory=dict)
    card_number_fields: frozenset[str] = frozenset()
    method_timeouts_ms: Mapping[str, int] = field(default_factory=dict)
    max_request_bytes: int | None = None
    collectors: Sequence[Collector] = ()
    delays: Sequence[Delay] = ()
    ending: Sequence[Callable[[], None]] = ()


class RpcServer:
    """One process' server; `start`, then `stop`. `port` and `own_port` are the bound ports."""

    def __init__(
        self,
        settings: ServiceSettings,
        application: RpcApplication,
        *,
        registry: CollectorRegistry | None = None,
        issuers: Mapping[str, Issuer] | None = None,
        log_writer: LineWriter = STDOUT,
        tracing: Tracing | None = None,
    ) -> None:
        self._settings = settings
        self._registry = registry or CollectorRegistry()
        self._stack = AsyncExitStack()
        self._ending = application.ending
        self.port = self.own_port = self.metrics_port = 0
        services = collect(application.registrations)
        specs = {path: spec for name in services for path, spec in specs_of(name).items()}
        self._door = Door()
        self.pipeline = _pipeline(
            settings,
            application,
            self._door,
            specs,
            issuers_of(settings) if issuers is None else issuers,
            log_writer,
            tracing,
        )
        for collector in (self.pipeline.meter, *application.collectors):
            self._registry.register(collector)
        self.readiness = Readiness(
            services,
            application.readiness,
            interval_ms=settings.readiness_interval_ms,
            timeout_ms=settings.readiness_timeout_ms,
        )
        max_request_bytes = application.max_request_bytes or settings.max_request_bytes
        self._server = grpc.aio.server(options=_options(settings, max_request_bytes))
        handlers = {
            f"/{service}/{name}": self.pipeline.wrap(specs[f"/{service}/{name}"], handler)
            for service, by_name in services.items()
            for name, handler in by_name.items()
        }
        handlers |= _exempt_handlers(settings, self.readiness, list(services))
        self._server.add_generic_rpc_handlers((HandlerTable(handlers),))
        for service, by_name in services.items():
            # While the process is busy, what finishes work must not wait behind what begins some.
            apart = {
                name: handlers[path]
                for name in by_name
                if specs[path := f"/{service}/{name}"].waits_apart
            }
            if apart:
                self._server.add_registered_method_handlers(service, apart)

    async def start(self) -> None:
        """Open the ports; health says NOT_SERVING until the readiness checks pass."""
        settings = self._settings
        await self.readiness.begin()
        self.port = self._server.add_insecure_port(settings.listen)
        if settings.own_listen:
            self.own_port = self._server.add_insecure_port(settings.own_listen)
        if settings.metrics_listen:
            self.metrics_port = await self._stack.enter_async_context(
                side_port(
                    settings.metrics_listen,
                    registry=self._registry,
                    ready=lambda: self.readiness.ready,
                    service=settings.service_name,
                )
            )
        self._door.knock = await self._stack.enter_async_context(own_door(self._server))
        await self._server.start()
        checking = asyncio.create_task(self.readiness.keep_checking())
        self._stack.push_async_callback(_cancel, checking)

    async def stop(self) -> None:
        """Drain: NOT_SERVING, no new calls, let those in flight end, then close."""
        settings = self._settings
        await self.readiness.drain()
        await asyncio.sleep(settings.drain_notice_ms / 1000)
        grace_s = settings.drain_grace_ms / 1000
        for end in self._ending:
            end()
        self.pipeline.end_streams(after_s=min(STREAM_GOODBYE_S, grace_s) if self._ending else 0.0)
        await self._server.stop(grace_s)
        # gRPC does not wait for handlers whose client went away; their work still counts.
        try:
            async with asyncio.timeout(grace_s):
                await self.pipeline.calls.idle()
                await self.pipeline.streams.idle()
        except TimeoutError:
            pass
        await self._door.stop()
        await self._stack.aclose()
        if self.pipeline.tracing is not None:
            self.pipeline.tracing.close()
        self.pipeline.call_log.flush()


def _pipeline(
    settings: ServiceSettings,
    application: RpcApplication,
    door: Door,
    specs: Mapping[str, MethodSpec],
    issuers: Mapping[str, Issuer],
    log_writer: LineWriter,
    tracing: Tracing | None,
) -> Pipeline:
    calls = LoadLimit(
        max_in_flight_calls=settings.max_in_flight_calls,
        max_queued_calls=settings.max_queued_calls,
        max_queue_wait_ms=settings.max_queue_wait_ms,
        standing_queue_wait_ms=settings.standing_queue_wait_ms,
    )
    streams = LoadLimit(max_in_flight_calls=settings.max_open_streams)
    under_way = UnderWay()
    shedding = _shedding(settings, application, specs, door, under_way)
    meter = _meter(calls, streams, shedding)
    return Pipeline(
        domain=f"{settings.service_name}.cinema",
        authenticator=Authenticator(
            issuers,
            leeway_s=settings.token_leeway_s,
            max_cached_tokens=settings.max_cached_tokens,
        ),
        checks=RequestChecks(
            ProtovalidateEngine(spec.request_type for spec in specs.values()),
            application.card_number_fields,
        ),
        calls=calls,
        streams=streams,
        shedding=shedding,
        under_way=under_way,
        call_log=CallLog(
            settings.service_name,
            enabled=settings.log_level in {LogLevel.DEBUG, LogLevel.INFO},
            writer=log_writer,
        ),
        meter=meter,
        deadlines=DeadlineRules(
            default_timeout_ms=settings.default_call_timeout_ms,
            max_timeout_ms=settings.max_call_timeout_ms,
            min_timeout_ms=settings.min_call_timeout_ms,
            max_stream_age_ms=settings.max_stream_age_ms,
            method_timeouts_ms=application.method_timeouts_ms,
        ),
        max_write_wait_ms=settings.max_write_wait_ms,
        tracing=tracing or tracing_to(settings.service_name, settings.otlp_endpoint),
    )


def _shedding(
    settings: ServiceSettings,
    application: RpcApplication,
    specs: Mapping[str, MethodSpec],
    door: Door,
    under_way: UnderWay,
) -> Shedding:
    return Shedding(
        (
            Delay("door", settings.shed_door_wait_ms / 1000, door.wait_s, looks_count=True),
            Delay("calls", settings.shed_call_age_ms / 1000, under_way.age_s),
            *application.delays,
        ),
        {spec.criticality for spec in specs.values()},
    )


def _meter(calls: LoadLimit, streams: LoadLimit, shedding: Shedding) -> CallMeter:
    meter = server_meter()
    meter.add_gauge("rpc_server_calls_in_flight", "Calls worked on.", lambda: calls.in_flight)
    meter.add_gauge("rpc_server_calls_queued", "Calls that wait.", lambda: calls.queued)
    meter.add_gauge("rpc_server_calls_shed", "Calls refused since start.", lambda: calls.refused)
    for criticality, name in _GAUGE_NAMES.items():
        meter.add_gauge(
            f"rpc_server_calls_refused_{name}",
            "Calls refused early since start, so that work can be finished.",
            partial(shedding.refused_of, criticality),
        )
    meter.add_gauge("rpc_server_streams_open", "Open streams.", lambda: streams.in_flight)
    return meter


def _options(settings: ServiceSettings, max_request_bytes: int) -> list[tuple[str, Any]]:
    return [
        ("grpc.so_reuseport", 1),
        ("grpc.max_receive_message_length", max_request_bytes),
        ("grpc.max_send_message_length", settings.max_response_bytes),
        ("grpc.max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.max_concurrent_streams", settings.max_calls_per_connection),
        ("grpc.keepalive_time_ms", KEEPALIVE_TIME_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
        ("grpc.http2.min_ping_interval_without_data_ms", MIN_PING_INTERVAL_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_connection_age_ms", MAX_CONNECTION_AGE_MS),
        # What a connection carries may end first, streams too; new calls go over another one.
        (
            "grpc.max_connection_age_grace_ms",
            max(settings.max_call_timeout_ms, settings.max_stream_age_ms),
        ),
    ]


def _exempt_handlers(
    settings: ServiceSettings, readiness: Readiness, services: Sequence[str]
) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
    """Health and reflection are asked by machines without tokens, however busy we are."""
    registrations: list[Registration] = [
        partial(health_pb2_grpc.add_HealthServicer_to_server, readiness.servicer)
    ]
    if settings.reflection:
        names = [*services, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name]
        servicer: Any = reflection.aio.ReflectionServicer(  # type: ignore[no-untyped-call]
            [*names, reflection.SERVICE_NAME]
        )
        registrations.append(
            partial(reflection_pb2_grpc.add_ServerReflectionServicer_to_server, servicer)
        )
    return {
        f"/{service}/{name}": handler
        for service, by_name in collect(registrations).items()
        for name, handler in by_name.items()
    }


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
