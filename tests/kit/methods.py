"""Every method of every service, from the descriptors, and which server serves it."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cinema.type.v1.money_pb2
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from services.common.rpc.access import AccessRule, MethodSpec, service_names, specs_of

GENERATED = Path(cinema.type.v1.money_pb2.__file__).parents[3]
MODULES = [
    ".".join(path.relative_to(GENERATED).with_suffix("").parts)
    for path in sorted((GENERATED / "cinema").rglob("*_pb2.py"))
]
SERVERS = ("catalog", "booking", "wallet", "payment")
# Defined by who calls it or shared, and served by who has what it is about.
_SERVED_ELSEWHERE = {
    "cinema.type.v1.MailQueueService": ("booking", "wallet"),
    "cinema.payment.v1.PaymentDecisionService": ("booking", "wallet"),
    "cinema.type.v1.StoryService": ("wallet", "payment"),
}


@dataclass(frozen=True)
class Method:
    """A method as one server serves it."""

    server: str
    spec: MethodSpec

    @property
    def path(self) -> str:
        return self.spec.path

    @property
    def name(self) -> str:
        """Such as `booking.BookingService.HoldSeats`: a name once for each server and service."""
        service, _, call = self.path.removeprefix("/").rpartition("/")
        return f"{self.server}.{service.rpartition('.')[2]}.{call}"

    @property
    def rule(self) -> AccessRule:
        return self.spec.rule or AccessRule()

    @property
    def streams(self) -> bool:
        return self.spec.client_streams or self.spec.server_streams

    @property
    def is_write(self) -> bool:
        level = self.descriptor.GetOptions().idempotency_level
        return bool(level != MethodOptions.NO_SIDE_EFFECTS)

    @property
    def descriptor(self) -> MethodDescriptor:
        service, _, name = self.path.removeprefix("/").partition("/")
        return descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]


def all_services() -> list[str]:
    """List the full names of all services that the contracts define."""
    return service_names("cinema.", (importlib.import_module(name) for name in MODULES))


def servers_of(service: str) -> tuple[str, ...]:
    """Tell who serves a service: each its own package, all of them the shared ones."""
    package = service.split(".")[1]
    return _SERVED_ELSEWHERE.get(service, SERVERS if package == "type" else (package,))


def all_methods() -> Iterator[Method]:
    """Yield every method at every server."""
    for service in all_services():
        for server in servers_of(service):
            for spec in specs_of(service).values():
                yield Method(server, spec)
