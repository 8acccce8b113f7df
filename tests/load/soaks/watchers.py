"""Thousands watch one screening while it sells out: nobody misses a change, memory is bounded.

Each watcher keeps its map by the messages alone, sees that every delta begins where the one before
ended, and ends with the board that the database has. Some do not read at all: they are cut off. With
`faults`, Redis is away for a part of the sale and PostgreSQL is killed in the middle of it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
from cinema.booking.v1 import booking_service_pb2 as pb

from deploy.demo.buyer import Buyer
from deploy.local.identities import Identities
from deploy.local.state_folder import StateFolder
from services.booking.domain.seats import SeatState
from services.common.rpc.client import refusal_of
from tests.faults import suite as faults
from tests.faults.patience import persist
from tests.faults.suite import RETRY_FACTOR, Suite, open_suite
from tests.load.cpu import cpu_seconds, used
from tests.load.crowd import PATH, Board, Crowd, Report, crowd
from tests.load.generator.sample import percentile
from tests.load.journeys.sessions import Sessions
from tests.load.programme import Size
from tests.load.soak.context import SoakContext, SoakFailedError

COUNTS: Mapping[str, int] = {
    "watchers": 2_000,
    "stalled": 5,
    "seats": 400,
    "seats_per_s": 50,
    "processes": 2,
    "faults": 0,
    # What a process may grow by while the hall sells out, with all watchers there already.
    "max_growth_mib": 64,
}
MAX_WRITE_WAIT_MS = 3_000
OPTIONS = replace(
    faults.OPTIONS, overrides={"booking": {"MAX_WRITE_WAIT_MS": str(MAX_WRITE_WAIT_MS)}}
)
__all__ = ["COUNTS", "OPTIONS", "run"]
RPC = ("booking-rpc-1", "booking-rpc-2")
PAYER_DELAY_MS = 50
MAX_SETTLE_S = 90.0
MAX_CUT_OFF_S = 30.0
# Who reads nothing is noticed once this much is on its way.
SMALL_WINDOW = [("grpc.http2.lookahead_bytes", 64), ("grpc.http2.bdp_probe", 0)]
MESSAGES_IN_WINDOW = 2 * 5 + 2
REDIS_AWAY, REDIS_BACK, POSTGRES_KILLED = 0.2, 0.4, 0.6

_BOARD = "SELECT epoch, revision, seat_states FROM screening_board WHERE screening_id = $1::uuid"


@dataclass
class SellOut:
    """One hall that sells out before a crowd."""

    suite: Suite
    context: SoakContext
    crowd: Crowd
    sales: list[tuple[float, int]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    _sessions: Sessions = field(init=False)
    _rss_mib: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = StateFolder(Path(self.suite.stack.record.state)).keys
        self._sessions = Sessions(Identities(keys, ()).session_key)

    @property
    def screening_id(self) -> str:
        return self.suite.programme.screening_ids[-1]

    async def run(self) -> dict[str, object]:
        """Let everybody come in, sell, and judge what was seen."""
        counts, addresses = self.context.counts, self.suite.stage.addresses.booking
        self._note_memory()
        await self.crowd.begin(
            addresses, self.screening_id, self._sessions.key_file, counts["watchers"]
        )
        self._note_memory()
        stalled = [await self._stall(at) for at in range(counts["stalled"])]
        before, began = cpu_seconds(self._pids), time.monotonic()
        await self._sell()
        board, took_s = await self._sold_out(), time.monotonic() - began
        cpu = used(before, cpu_seconds(self._pids))
        self._note_memory()
        cut_off = [await self._cut_off(call) for call in stalled]
        report = await self.crowd.end(board, self.sales)
        self._judge(report, cut_off)
        return self._figures(report, cut_off, took_s, cpu)

    async def _sell(self) -> None:
        parties = self.suite.programme.legal_seats.all_parties()
        self.context.random.shuffle(parties)
        began, seats = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            if self.context.counts["faults"]:
                expected_s = len(self.suite.programme.seat_ids) / self.context.counts["seats_per_s"]
                group.create_task(self._break_things(expected_s))
            for party in parties:
                due = began + seats / self.context.counts["seats_per_s"]
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(self._buy(party))
                seats += len(party)

    async def _buy(self, party: Sequence[str]) -> None:
        ((_, token),) = self._sessions.new_guest()
        email = f"watch.{uuid4().hex[:12]}@example.com"
        buyer = Buyer(self.suite.stage, "Soak", email, token.removeprefix("Bearer "))
        request_id, order_request_id = str(uuid4()), str(uuid4())
        hold = await persist(lambda: buyer.hold(self.screening_id, party, request_id=request_id))
        self.sales.append((time.monotonic(), hold.revision))
        # The provider pays by itself; nobody asks again and again.
        await persist(lambda: buyer.place(hold, request_id=order_request_id))

    async def _break_things(self, expected_s: float) -> None:
        stack = self.suite.stack
        await asyncio.sleep(expected_s * REDIS_AWAY)
        await stack.kill("redis")
        await asyncio.sleep(expected_s * (REDIS_BACK - REDIS_AWAY))
        await stack.start_part("redis")
        await asyncio.sleep(expected_s * (POSTGRES_KILLED - REDIS_BACK))
        await stack.kill("postgres")
        await stack.start_part("postgres")
        await stack.wait_ready("postgres")

    async def _sold_out(self) -> Board:
        """Wait until the database has sold every seat."""
        connection = await asyncpg.connect(self.suite.database("booking"))
        try:
            async with asyncio.timeout(MAX_SETTLE_S):
                while True:
                    row: Any = await connection.fetchrow(_BOARD, self.screening_id)
                    states: bytes = row["seat_states"]
                    if states.count(SeatState.SOLD) == len(states):
                        return Board(row["epoch"], row["revision"], states)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            left = Counter(states)
            raise SoakFailedError(f"Seed {self.context.seed}: not sold out: {left}") from None
        finally:
            await connection.close()

    async def _stall(self, number: int) -> Any:
        """Watch through a narrow window and read no more than the first message."""
        addresses = self.suite.stage.addresses.booking
        channel = grpc.aio.insecure_channel(
            addresses[number % len(addresses)], options=SMALL_WINDOW
        )
        request = pb.WatchSeatMapRequest(screening_id=self.screening_id)
        method: Any = channel.unary_stream(PATH, pb.WatchSeatMapRequest.SerializeToString)
        metadata = self._sessions.new_guest()

        async def begin() -> Any:
            call = method(request, metadata=metadata)
            await call.read()
            return call

        return await persist(begin)

    async def _cut_off(self, call: Any) -> str:
        """Read on, much too late; gives how the stream ended."""
        try:
            async with asyncio.timeout(MAX_CUT_OFF_S):
                while await call.read() is not grpc.aio.EOF:
                    pass
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
            return f"{refusal.code.name} {refusal.reason}"
        except TimeoutError:
            return "not at all"
        return "OK"

    def _judge(self, report: Report, cut_off: Sequence[str]) -> None:
        must = self.context.must
        must(not report.gaps, f"{len(report.gaps)} gaps, such as {report.gaps[:3]}")
        must(not report.behind, f"{report.behind} watchers did not hear of the last sale")
        must(not report.different, f"{report.different} watchers ended with another map")
        must(
            report.most_in_window <= MESSAGES_IN_WINDOW,
            f"{report.most_in_window} messages to a watcher within 5 s",
        )
        if self.context.counts["faults"]:
            twice = 2 * self.context.counts["watchers"]
            snapshots = report.messages["snapshot"]
            must(snapshots >= twice, f"{snapshots} snapshots, before and after PostgreSQL's death")
        else:
            must(
                set(cut_off) <= {"RESOURCE_EXHAUSTED READER_TOO_SLOW"},
                f"stalled watchers ended so: {Counter(cut_off)}",
            )
            must(not report.interruptions, f"streams broke: {dict(report.interruptions)}")
            for name, readings in self._rss_mib.items():
                growth = readings[-1] - readings[-2]
                must(
                    growth <= self.context.counts["max_growth_mib"],
                    f"{name} grew by {growth:.0f} MiB during the sale: {readings}",
                )

    def _figures(
        self, report: Report, cut_off: Sequence[str], took_s: float, cpu: Mapping[str, float]
    ) -> dict[str, object]:
        lags_ms = {p: percentile(report.lags_s, p) * 1_000 for p in (50, 99, 100)}
        sale_messages = report.messages["delta"]
        rss = {
            name: f"{bare:.0f} MiB bare, {there:.0f} with all watchers, {after:.0f} sold out"
            for name, (bare, there, after) in self._rss_mib.items()
        }
        return {
            "watchers": self.context.counts["watchers"],
            "sold out in": f"{took_s:.1f} s",
            "gaps": len(report.gaps),
            "watchers with another map than the database": report.different,
            "messages": dict(report.messages),
            "deltas to a watcher": f"{sale_messages / self.context.counts['watchers']:.1f}",
            "most messages to a watcher within 5 s": report.most_in_window,
            "from a hold's answer to the watchers": ", ".join(
                f"p{p} {lag:.0f} ms" for p, lag in lags_ms.items()
            ),
            "streams that broke": dict(report.interruptions),
            "stalled watchers": dict(Counter(cut_off)),
            **{f"memory of {name}": text for name, text in rss.items()},
            "CPU during the sale": {name: f"{seconds:.1f} s" for name, seconds in cpu.items()},
        }

    @property
    def _pids(self) -> dict[str, int]:
        return {name: self.suite.stack.record.processes[name] for name in (*RPC, "postgres")}

    def _note_memory(self) -> None:
        for name in RPC:
            pid = self.suite.stack.record.processes[name]
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            kib = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
            self._rss_mib.setdefault(name, []).append(int(kib) / 1_024)


async def run(context: SoakContext) -> dict[str, object]:
    """Sell out on a suite of its own."""
    if context.stack is None:
        raise SoakFailedError("A sale before a crowd needs a suite of its own.")
    with crowd(context.counts["processes"]) as watching:
        suite = await open_suite(context.stack, context.stage, Size(1, 1, context.counts["seats"]))
        behaviour = {"retry_factor": RETRY_FACTOR, "auto_pay_after_ms": PAYER_DELAY_MS}
        await suite.tell_provider("behaviour", behaviour)
        figures = await SellOut(suite, context, watching).run()
        broken = [line.text() for line in await suite.verify() if not line.holds]
        context.must(not broken, "\n".join(["checks fail:", *broken]))
    return figures
