"""One log line per call, rendered by hand: the general way costs more than many calls do."""

from __future__ import annotations

import time

from services.common.log_writer import STDOUT, LineWriter
from services.common.rpc.call import Call

_SEVERE = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS", "UNIMPLEMENTED"})


class CallLog:
    """Writes `call_finished` lines.

    Nothing in them needs escaping: the method comes from a proto, the code from gRPC, the reason
    from a class, and the request ID and the trace were checked when the call came in.
    """

    def __init__(self, service: str, *, enabled: bool = True, writer: LineWriter = STDOUT) -> None:
        self._service = service
        self._enabled = enabled
        self._writer = writer
        self._second = 0
        self._prefix = ""

    def write(self, call: Call, seconds: float) -> None:
        """Write the line of a finished call; bugs are written even when the lines are off."""
        severe = call.code in _SEVERE
        if not (self._enabled or severe):
            return
        reason = f'","reason":"{call.reason}' if call.reason else ""
        trace = f'","traceparent":"{call.traceparent}' if call.traceparent else ""
        self._writer.write(
            f'{{"event":"call_finished","level":"{"error" if severe else "info"}",'
            f'"timestamp":"{self._timestamp()}","service":"{self._service}",'
            f'"method":"{call.method}","status":"{call.code}{reason}",'
            f'"duration_ms":{seconds * 1000:.2f},"caller":"{call.caller.log_name}",'
            f'"request_id":"{call.request_id}{trace}"}}',
            urgent=severe,
        )

    def flush(self) -> None:
        """Write what is still buffered."""
        self._writer.flush()

    def _timestamp(self) -> str:
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._prefix}.{int((now - second) * 1000):03d}Z"
