"""Who may call what: read from the protos when the server starts, denied by default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from cinema.type.v1 import access_pb2, criticality_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message

from services.common.errors import PermissionDeniedError, UnauthenticatedError
from services.common.rpc.call import Caller, CallerKind

ACCOUNT_ROLE = "account"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may make a call; nobody when nothing is set."""

    anyone: bool = False
    guest: bool = False
    account: bool = False
    staff: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()

    def admit(self, caller: Caller) -> None:
        """Pass, or raise UNAUTHENTICATED (no token) or PERMISSION_DENIED (not with this one)."""
        if self.anyone:
            return
        match caller.kind:
            case CallerKind.ANONYMOUS:
                raise UnauthenticatedError
            case CallerKind.GUEST:
                admitted = self.guest
            case CallerKind.SERVICE:
                admitted = caller.subject in self.services
            case CallerKind.ACCOUNT | CallerKind.STAFF:
                admitted = (self.account and ACCOUNT_ROLE in caller.roles) or not (
                    self.staff.isdisjoint(caller.roles)
                )
        if not admitted:
            raise PermissionDeniedError


DENY_ALL = AccessRule()


class Criticality(IntEnum):
    """How early a call is refused when there is too much to do, as in `criticality.proto`."""

    FINISHES_WORK = criticality_pb2.CRITICALITY_FINISHES_WORK
    LOOKS = criticality_pb2.CRITICALITY_LOOKS
    BEGINS_WORK = criticality_pb2.CRITICALITY_BEGINS_WORK


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """What the proto says of a method. `path` is `/package.Service/Method`.

    `waits_apart`: its calls wait for the process in a queue of their own, not behind those that may
    be refused.
    """

    path: str
    request_type: type[Message]
    response_type: type[Message]
    client_streams: bool
    server_streams: bool
    rule: AccessRule | None
    retryable: bool
    criticality: Criticality
    waits_apart: bool


def specs_of(service: str) -> dict[str, MethodSpec]:
    """Read the methods of a service by full name (its stubs must be imported), by path."""
    descriptor = descriptor_pool.Default().FindServiceByName(service)
    specs = (_spec_of(service, method) for method in descriptor.methods)
    return {spec.path: spec for spec in specs}


def service_names(package_prefix: str, modules: Iterator[Any]) -> list[str]:
    """List the services that stub modules declare in packages with the prefix."""
    return sorted(
        service.full_name
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        if service.full_name.startswith(package_prefix)
    )


def _spec_of(service: str, method: MethodDescriptor) -> MethodSpec:
    options = method.GetOptions()
    return MethodSpec(
        path=f"/{service}/{method.name}",
        request_type=message_factory.GetMessageClass(method.input_type),
        response_type=message_factory.GetMessageClass(method.output_type),
        client_streams=method.client_streaming,
        server_streams=method.server_streaming,
        rule=_rule_of(options),
        retryable=options.idempotency_level
        in {MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT},
        criticality=_criticality_of(options),
        waits_apart=_declared(options) == Criticality.FINISHES_WORK,
    )


def _rule_of(options: MethodOptions) -> AccessRule | None:
    if not options.HasExtension(access_pb2.access):
        return None
    rule = options.Extensions[access_pb2.access]
    return AccessRule(
        anyone=rule.anyone,
        guest=rule.guest,
        account=rule.account,
        staff=frozenset(rule.staff),
        services=frozenset(rule.services),
    )


def _criticality_of(options: MethodOptions) -> Criticality:
    declared = _declared(options)
    return Criticality(declared) if declared else Criticality.FINISHES_WORK


def _declared(options: MethodOptions) -> int:
    return options.Extensions[criticality_pb2.criticality]
