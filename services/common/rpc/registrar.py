"""Taking the servicers that generated code hands over, and giving gRPC the wrapped handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import grpc

Handlers: TypeAlias = "dict[str, grpc.RpcMethodHandler[Any, Any]]"
# What `functools.partial(add_XServicer_to_server, servicer)` is.
Registration = Callable[[Any], None]


class Registrar:
    """Stands in for the server in `add_XServicer_to_server` and keeps the handlers."""

    def __init__(self) -> None:
        self.services: dict[str, Handlers] = {}

    def add_generic_rpc_handlers(
        self, generic_rpc_handlers: Iterable[grpc.GenericRpcHandler]
    ) -> None:
        """Do nothing: the same handlers come by name too."""

    def add_registered_method_handlers(self, service_name: str, method_handlers: Handlers) -> None:
        self.services[service_name] = method_handlers


def collect(registrations: Iterable[Registration]) -> dict[str, Handlers]:
    """Return the handlers of all registrations, by service and method name."""
    registrar = Registrar()
    for register in registrations:
        register(registrar)
    return registrar.services


class HandlerTable(grpc.GenericRpcHandler):
    """Finds handlers by path: of the methods that share a queue.

    Registered methods have one each. They are few, because grpc.aio waits on one future for each of
    them, and every call pays for all.
    """

    def __init__(self, handlers: dict[str, grpc.RpcMethodHandler[Any, Any]]) -> None:
        self._handlers = handlers

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        return self._handlers.get(handler_call_details.method)
