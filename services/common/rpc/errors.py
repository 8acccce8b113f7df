"""Refusals on the wire: `google.rpc.Status` with `ErrorInfo`, both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from services.common.errors import COMMON_DOMAIN, DomainError, ErrorKind

INTERNAL_REASON = "INTERNAL"
INTERNAL_MESSAGE = "Internal error."
RETRY_PUSHBACK_KEY = "grpc-retry-pushback-ms"
REQUEST_ID_KEY = "x-request-id"
_STATUS_KEY = "grpc-status-details-bin"
# Header blocks are limited (8 KiB by default): a thousand violations would lose the whole answer.
MAX_VIOLATIONS = 20
MAX_TEXT_CHARACTERS = 200

CODES: dict[ErrorKind, grpc.StatusCode] = {kind: grpc.StatusCode[kind.name] for kind in ErrorKind}


@dataclass(frozen=True, slots=True)
class WireStatus:
    """What `abort_with_status` takes."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as a client reads it. `reason` is "" when the peer sent no `ErrorInfo`."""

    code: grpc.StatusCode
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    domain: str = ""
    violations: tuple[tuple[str, str], ...] = ()
    retry_after_ms: int | None = None


def wire_status(error: DomainError, *, domain: str, request_id: str = "") -> WireStatus:
    """Make the status of a refusal; `domain` is the one of reasons that are not common."""
    code = CODES[error.kind]
    details: list[Message] = [
        error_details_pb2.ErrorInfo(
            reason=error.reason,
            domain=error.domain or domain,
            metadata={key: value[:MAX_TEXT_CHARACTERS] for key, value in error.metadata.items()},
        )
    ]
    if error.violations:
        details.append(_violations_detail(error))
    trailing: tuple[tuple[str, str | bytes], ...] = ((REQUEST_ID_KEY, request_id),)
    if error.retry_after_ms is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(error.retry_after_ms)
        details.append(retry)
        if error.kind is ErrorKind.UNAVAILABLE:
            trailing = (*trailing, (RETRY_PUSHBACK_KEY, str(error.retry_after_ms)))
    return _encode(code, error.message, details, trailing)


def internal_status(request_id: str) -> WireStatus:
    """Make the status of a bug: it tells nothing but where to look in the log."""
    info = error_details_pb2.ErrorInfo(
        reason=INTERNAL_REASON, domain=COMMON_DOMAIN, metadata={"request_id": request_id}
    )
    trailing = ((REQUEST_ID_KEY, request_id),)
    return _encode(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE, [info], trailing)


def refusal_of(error: grpc.RpcError) -> Refusal:
    """Read a status back: code, reason, metadata. Never decide by text."""
    if not isinstance(error, grpc.aio.AioRpcError):
        return Refusal(grpc.StatusCode.UNKNOWN)
    encoded = next((value for key, value in _trailing(error) if key == _STATUS_KEY), None)
    if not isinstance(encoded, bytes):
        return Refusal(error.code())
    try:
        return _decode(error.code(), encoded)
    except DecodeError:
        return Refusal(error.code())


def _violations_detail(error: DomainError) -> Message:
    shown = error.violations[:MAX_VIOLATIONS]
    if error.kind is ErrorKind.INVALID_ARGUMENT:
        return error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(
                    field=violation.field[:MAX_TEXT_CHARACTERS],
                    description=violation.description[:MAX_TEXT_CHARACTERS],
                )
                for violation in shown
            ]
        )
    return error_details_pb2.PreconditionFailure(
        violations=[
            error_details_pb2.PreconditionFailure.Violation(
                type=error.reason,
                subject=violation.field[:MAX_TEXT_CHARACTERS],
                description=violation.description[:MAX_TEXT_CHARACTERS],
            )
            for violation in shown
        ]
    )


def _encode(
    code: grpc.StatusCode,
    message: str,
    details: list[Message],
    trailing: tuple[tuple[str, str | bytes], ...],
) -> WireStatus:
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = status.details.add()
        packed.Pack(detail)
    encoded = (_STATUS_KEY, status.SerializeToString())
    return WireStatus(code, message, (*trailing, encoded))


def _decode(code: grpc.StatusCode, encoded: bytes) -> Refusal:
    info = error_details_pb2.ErrorInfo()
    retry = error_details_pb2.RetryInfo()
    retry_after_ms: int | None = None
    violations: tuple[tuple[str, str], ...] = ()
    for detail in status_pb2.Status.FromString(encoded).details:
        if detail.Unpack(retry):
            retry_after_ms = retry.retry_delay.ToMilliseconds()
        elif not detail.Unpack(info):
            violations += _read_violations(detail)
    return Refusal(code, info.reason, dict(info.metadata), info.domain, violations, retry_after_ms)


def _read_violations(detail: AnyMessage) -> tuple[tuple[str, str], ...]:
    bad_request = error_details_pb2.BadRequest()
    failure = error_details_pb2.PreconditionFailure()
    if detail.Unpack(bad_request):
        return tuple((each.field, each.description) for each in bad_request.field_violations)
    if detail.Unpack(failure):
        return tuple((each.subject, each.description) for each in failure.violations)
    return ()


def _trailing(error: grpc.aio.AioRpcError) -> Any:
    return error.trailing_metadata() or ()
