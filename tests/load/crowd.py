"""A crowd that watches one screening's seats, in processes of its own, and checks all it is told."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb

from services.common.rpc.client import refusal_of
from tests.load.asked import Asked, asked
from tests.load.journeys.sessions import Sessions

PATH = "/cinema.booking.v1.BookingService/WatchSeatMap"
# Below the 1,024 calls that a server takes over one connection.
STREAMS_PER_CHANNEL = 250
CONNECTING_AT_ONCE = 50
COME_BACK_AFTER_S = 0.2
MAX_WAIT_S = 60.0
RATE_WINDOW_S = 5.0
Metadata = Any


@dataclass(frozen=True, slots=True)
class Board:
    """A screening's seats as the database has them."""

    epoch: int
    revision: int
    states: bytes


@dataclass
class Report:
    """What a part of the crowd saw. `lags_s`: from a sale's answer until it was told of."""

    messages: Counter[str] = field(default_factory=Counter)
    interruptions: Counter[str] = field(default_factory=Counter)
    gaps: list[str] = field(default_factory=list)
    different: int = 0
    behind: int = 0
    most_in_window: int = 0
    lags_s: list[float] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.messages += other.messages
        self.interruptions += other.interruptions
        self.gaps += other.gaps
        self.different += other.different
        self.behind += other.behind
        self.most_in_window = max(self.most_in_window, other.most_in_window)
        self.lags_s += other.lags_s


@dataclass
class Watcher:
    """Keeps a map by messages alone, and comes back from where it was when the stream ends."""

    method: Any
    screening_id: str
    metadata: Metadata
    report: Report
    epoch: int = 0
    revision: int = 0
    states: bytearray = field(default_factory=bytearray)
    arrivals: list[tuple[float, int]] = field(default_factory=list)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            request = pb.WatchSeatMapRequest(
                screening_id=self.screening_id, epoch=self.epoch, revision=self.revision
            )
            try:
                call = self.method(request.SerializeToString(), metadata=self.metadata)
                async for message in call:
                    self.take(pb.WatchSeatMapResponse.FromString(message))
            except grpc.aio.AioRpcError as error:
                refusal = refusal_of(error)
                # A crowd that comes all at once is let in some at a time: nothing broke.
                if self.revision or refusal.reason != "OVERLOADED":
                    self.report.interruptions[f"{refusal.code.name} {refusal.reason}".strip()] += 1
            else:
                self.report.interruptions["goodbye"] += 1
            await asyncio.sleep(COME_BACK_AFTER_S)

    def take(self, message: pb.WatchSeatMapResponse) -> None:
        """Apply a message; what does not follow from what is known is a gap."""
        kind = message.WhichOneof("content")
        self.report.messages[str(kind)] += 1
        if kind == "snapshot":
            self.states = bytearray(message.snapshot.states)
        elif kind == "delta":
            if (message.epoch, message.delta.from_revision) != (self.epoch, self.revision):
                self._gap(message)
            for change in message.delta.changes:
                self.states[change.seat_index] = change.state
        elif (message.epoch, message.revision) != (self.epoch, self.revision):
            self._gap(message)
        self.epoch, self.revision = message.epoch, message.revision
        self.arrivals.append((time.monotonic(), message.revision))

    def _gap(self, message: pb.WatchSeatMapResponse) -> None:
        text = f"at ({self.epoch}, {self.revision}), told {message}"
        self.report.gaps.append(text.replace("\n", " ")[:200])

    def judge(self, board: Board, sales: Sequence[tuple[float, int]]) -> None:
        """Compare with the database, and see when each sale was heard of."""
        self.report.behind += self.revision < board.revision
        self.report.different += bytes(self.states) != board.states
        at = 0
        for sold_at, revision in sales:
            while at < len(self.arrivals) and self.arrivals[at][1] < revision:
                at += 1
            if at < len(self.arrivals):
                self.report.lags_s.append(max(0.0, self.arrivals[at][0] - sold_at))
        times = [when for when, _ in self.arrivals]
        first = 0
        for last, when in enumerate(times):
            while when - times[first] > RATE_WINDOW_S:
                first += 1
            self.report.most_in_window = max(self.report.most_in_window, last - first + 1)


@dataclass
class _Part:
    """The part of the crowd that is in one process."""

    addresses: Sequence[str]
    screening_id: str
    key_file: Path
    count: int
    report: Report = field(default_factory=Report)
    watchers: list[Watcher] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> None:
        """Come in, some at a time, until everybody has a map."""
        sessions = Sessions(self.key_file)
        methods: list[Any] = [
            grpc.aio.insecure_channel(
                self.addresses[number % len(self.addresses)],
                options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)],
            ).unary_stream(PATH)
            for number in range(-(-self.count // STREAMS_PER_CHANNEL) * len(self.addresses))
        ]
        for number in range(self.count):
            method, metadata = methods[number % len(methods)], sessions.new_guest()
            watcher = Watcher(method, self.screening_id, metadata, self.report)
            self.watchers.append(watcher)
            self._tasks.append(asyncio.create_task(watcher.run()))
            if number % CONNECTING_AT_ONCE == CONNECTING_AT_ONCE - 1:
                await self._until_all(lambda each: each.revision > 0)
        await self._until_all(lambda each: each.revision > 0)
        gc.collect()
        gc.freeze()

    async def end(self, board: Board, sales: Sequence[tuple[float, int]]) -> Report:
        """Wait until everybody has heard of the last sale, then judge."""
        await self._until_all(lambda each: each.revision >= board.revision, must=False)
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        for watcher in self.watchers:
            watcher.judge(board, sales)
        return self.report

    async def _until_all(self, holds: Any, *, must: bool = True) -> None:
        until = time.monotonic() + MAX_WAIT_S
        while not all(holds(watcher) for watcher in self.watchers):
            if time.monotonic() > until:
                if must:
                    raise TimeoutError(f"not everybody is in: {self.report.interruptions}")
                return
            await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The whole crowd; made with `crowd(n)`."""

    parts: Asked

    async def begin(
        self, addresses: Sequence[str], screening_id: str, key_file: Path, watchers: int
    ) -> None:
        """Let everybody come in; returns when all have a map."""
        processes = len(self.parts.pipes)
        each, left = divmod(watchers, processes)
        counts = [each + (number < left) for number in range(processes)]
        await self.parts.ask([("begin", (addresses, screening_id, key_file, n)) for n in counts])

    async def end(self, board: Board, sales: Sequence[tuple[float, int]]) -> Report:
        """Let everybody go once they are in step with the database."""
        report = Report()
        for part in await self.parts.ask_all("end", (board, sales)):
            report.add(part)
        return report


@contextmanager
def crowd(processes: int) -> Iterator[Crowd]:
    """Start the crowd's processes and stop them at the end."""
    with asked(processes, "crowd", _Stand) as parts:
        yield Crowd(parts)


@dataclass
class _Stand:
    """Where a part of the crowd is."""

    part: _Part | None = None

    async def answer(self, kind: str, wanted: Any) -> Any:
        if kind == "begin":
            self.part = _Part(*wanted)
            await self.part.begin()
            return None
        if self.part is None:
            raise RuntimeError("nobody has come in yet")
        return await self.part.end(*wanted)

    async def close(self) -> None:
        """Watchers end with their process."""
