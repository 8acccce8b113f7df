"""The call being served: who calls, under which request ID, until when."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any

import grpc

EVERY_CINEMA = "*"


class CallerKind(StrEnum):
    """What sort of token the caller brought."""

    ANONYMOUS = "anonymous"
    GUEST = "guest"
    ACCOUNT = "account"
    STAFF = "staff"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as their verified token says.

    `subject` is the account, staff, session or service ID and "" for a caller without a token;
    `principal` (kind and subject) keys what belongs to the caller. `cinemas` holds the IDs that
    staff may act for, or "*".
    """

    kind: CallerKind
    subject: str = ""
    roles: frozenset[str] = frozenset()
    cinemas: frozenset[str] = frozenset()
    channel: str = ""
    token_id: str = ""
    principal: str = field(init=False, compare=False)
    log_name: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "principal", f"{self.kind}:{self.subject}")
        # Logs tell callers apart without telling who they are; services may be named.
        known_by = self.subject
        if self.kind is not CallerKind.SERVICE and known_by:
            known_by = hashlib.sha256(known_by.encode()).hexdigest()[:12]
        object.__setattr__(self, "log_name", f"{self.kind}:{known_by}")

    def acts_for(self, cinema_id: str) -> bool:
        """Tell whether the staff's token names the cinema."""
        return cinema_id in self.cinemas or EVERY_CINEMA in self.cinemas


ANONYMOUS = Caller(CallerKind.ANONYMOUS)


class Call:
    """One call on the server. `deadline` is in monotonic time; None means no deadline."""

    __slots__ = (
        "authorization",
        "caller",
        "code",
        "context",
        "deadline",
        "metadata",
        "method",
        "reason",
        "request_id",
        "span",
        "started",
        "traceparent",
    )

    def __init__(
        self,
        method: str,
        request_id: str,
        *,
        metadata: Any = (),
        traceparent: str = "",
        deadline: float | None = None,
        caller: Caller = ANONYMOUS,
        context: grpc.aio.ServicerContext[Any, Any] | None = None,
    ) -> None:
        self.method = method
        self.request_id = request_id
        self.traceparent = traceparent
        self.deadline = deadline
        self.caller = caller
        self.metadata = metadata
        self.context = context
        self.authorization = ""
        self.started = 0.0
        self.code = "OK"
        self.reason = ""
        self.span: Any = None

    def header(self, name: str) -> str:
        """Read the metadata value, or "" when the client sent none."""
        for key, value in self.metadata:
            if key == name and isinstance(value, str):
                return value
        return ""

    def peer_address(self) -> str:
        """Read the client's network address without its port, such as `ipv4:127.0.0.1`."""
        peer = self.context.peer() if self.context is not None else ""
        return str(peer).rpartition(":")[0]

    def time_left_s(self) -> float | None:
        """Seconds until the deadline, zero or more; None without a deadline."""
        if self.deadline is None:
            return None
        return max(0.0, self.deadline - monotonic())


_call: ContextVar[Call | None] = ContextVar("call", default=None)

set_call = _call.set


def current_call_or_none() -> Call | None:
    """Return the call being served, or None in workers and at start."""
    return _call.get()


def current_call() -> Call:
    """Return the call being served; outside of a call this is a bug."""
    call = _call.get()
    if call is None:
        raise LookupError("no call is being served here")
    return call


def current_caller() -> Caller:
    """Return who makes the call being served."""
    return current_call().caller
