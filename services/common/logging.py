"""Structured logs: one JSON object per line on standard output, without secrets.

Events are named as noun and verb (`call_finished`, `outbox_drained`); values are bound, never
formatted into the name. The request ID and trace of the call being served are added.
"""

from __future__ import annotations

import logging as standard_logging
import re
from collections.abc import MutableMapping
from typing import Any, Protocol

import structlog

from services.common.log_writer import STDOUT, LineWriter
from services.common.rpc.call import current_call_or_none
from services.common.sensitive import REDACTED, redact

__all__ = ["Logger", "configure_logging", "get_logger"]

EventDict = MutableMapping[str, Any]

_SECRET_NAMES = re.compile(
    r"password|passwd|secret|token|authorization|bearer|cookie|private|pepper|api_?key|database_url"
    r"|redis_url|nats_url|email|e_mail|^code$|^card_number$|qr",
    re.IGNORECASE,
)
MAX_VALUE_CHARACTERS = 16_000
MAX_NESTING = 4
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_URGENT_LEVELS = frozenset({"warning", "error", "critical"})


class Logger(Protocol):
    """What we use of structlog."""

    def debug(self, event: str, **values: Any) -> Any: ...
    def info(self, event: str, **values: Any) -> Any: ...
    def warning(self, event: str, **values: Any) -> Any: ...
    def error(self, event: str, **values: Any) -> Any: ...
    def exception(self, event: str, **values: Any) -> Any: ...


def get_logger(name: str) -> Logger:
    """Return a logger for a module; it may be made before logging is configured."""
    logger: Logger = structlog.get_logger(module=name)
    return logger


def configure_logging(service: str, level: str, writer: LineWriter = STDOUT) -> None:
    """Set up structlog, and lead the standard library's loggers into it; called once at start."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _adder_of(service),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_values,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_: _JsonLines(writer),
        cache_logger_on_first_use=False,
    )
    root = standard_logging.getLogger()
    root.handlers = [_IntoStructlog()]
    root.setLevel(max(_LEVELS[level], standard_logging.WARNING))


def redact_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace values of secret names, and text that looks like a card number or an address."""
    for name, value in event.items():
        event[name] = REDACTED if _SECRET_NAMES.search(name) else _redacted(value, MAX_NESTING)
    return event


def _redacted(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact(value[:MAX_VALUE_CHARACTERS])
    if depth == 0 or isinstance(value, bytes):
        return REDACTED
    if isinstance(value, dict):
        return {
            name: REDACTED if _SECRET_NAMES.search(str(name)) else _redacted(item, depth - 1)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(item, depth - 1) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return redact(str(value)[:MAX_VALUE_CHARACTERS])


def _adder_of(service: str) -> structlog.types.Processor:
    def add_context(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        call = current_call_or_none()
        if call is not None:
            event.setdefault("request_id", call.request_id)
            if call.traceparent:
                event.setdefault("traceparent", call.traceparent)
        return event

    return add_context


class _JsonLines:
    """The end of the chain: hands rendered lines to the writer."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer

    def _calm(self, line: str) -> None:
        self._writer.write(line)

    def _urgent(self, line: str) -> None:
        self._writer.write(line, urgent=True)

    debug = info = msg = _calm
    warning = error = critical = exception = _urgent


class _IntoStructlog(standard_logging.Handler):
    """Lines of libraries, in our form."""

    def emit(self, record: standard_logging.LogRecord) -> None:
        values: dict[str, Any] = {"library": record.name, "text": record.getMessage()}
        if record.exc_info:
            values["exc_info"] = record.exc_info
        logger: Logger = structlog.get_logger()
        report = logger.error if record.levelno >= standard_logging.ERROR else logger.warning
        report("library_reported", **values)
