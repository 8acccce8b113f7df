"""Writing log lines to standard output in batches, so that a call does not pay for a system call."""

from __future__ import annotations

import asyncio
import atexit
import sys
from typing import TextIO

FLUSH_INTERVAL_S = 0.25
MAX_BUFFERED_LINES = 500


class LineWriter:
    """Collects lines and writes them soon; urgent ones, and those without a loop, at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def write(self, line: str, *, urgent: bool = False) -> None:
        """Add a line without its line break."""
        self._lines.append(line)
        if urgent or len(self._lines) >= MAX_BUFFERED_LINES:
            self.flush()
        else:
            self._schedule()

    def flush(self) -> None:
        self._loop = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        stream = self._stream or sys.stdout
        try:
            stream.write("\n".join(lines) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return  # Nobody reads our output any more; serving goes on.

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(FLUSH_INTERVAL_S, self.flush)


STDOUT = LineWriter()
atexit.register(STDOUT.flush)
