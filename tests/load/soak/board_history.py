"""Every revision of every board, written down by booking's database itself, and its judgement.

The database's owner adds a trigger for a soak; booking knows nothing of it. What was answered is
then compared with what happened, one revision after the other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg

from services.booking.domain.seats import SeatState
from tests.kit.gap_oracle import refused_seats

# A row is its segments, each the indexes of adjacent seats.
Row = Sequence[Sequence[int]]
Outage = tuple[datetime, datetime]
_INSTALL = """
CREATE SCHEMA soak;
CREATE TABLE soak.board_history (
    screening_id uuid NOT NULL,
    epoch bigint NOT NULL,
    revision bigint NOT NULL,
    at timestamptz NOT NULL,
    seat_states bytea NOT NULL,
    PRIMARY KEY (screening_id, epoch, revision)
);
INSERT INTO soak.board_history
SELECT screening_id, epoch, revision, app_clock(), seat_states FROM public.screening_board;
CREATE FUNCTION soak.write_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
BEGIN
    INSERT INTO soak.board_history
    VALUES (NEW.screening_id, NEW.epoch, NEW.revision, app_clock(), NEW.seat_states);
    RETURN NULL;
END $$;
CREATE TRIGGER soak_write_down AFTER UPDATE ON public.screening_board FOR EACH ROW
WHEN (OLD.revision <> NEW.revision OR OLD.epoch <> NEW.epoch)
EXECUTE FUNCTION soak.write_down()"""
_REVISIONS = """
SELECT epoch, revision, at, seat_states FROM soak.board_history
WHERE screening_id = $1 ORDER BY epoch, revision"""
_LAPSED = """
SELECT count(*) FROM seat_claim WHERE state = 'HELD' AND expires_at <= app_clock()"""
_HOLDS = """
SELECT id, epoch, revision, expires_at, state, seats FROM hold WHERE screening_id = $1"""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as it is stored in the end, and the revision of its board that made it."""

    id: UUID
    at: tuple[int, int]
    expires_at: datetime
    state: str
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A board from one moment on."""

    at: tuple[int, int]
    time: datetime
    states: bytes


@dataclass(slots=True)
class Findings:
    """What the judgement of all boards gives; `wrong` must stay empty."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    overstays_s: list[float] = field(default_factory=list)
    hold_ids: set[UUID] = field(default_factory=set)


async def install(owner_url: str) -> None:
    """Begin to write down; once, before anything is sold."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(_INSTALL)
    finally:
        await connection.close()


async def judge(
    owner_url: str,
    screening_ids: Sequence[str],
    rows: Sequence[Row],
    outages: Sequence[Outage],
    jumped_at: datetime,
) -> Findings:
    """Go through what happened to these screenings, which all have the same rows of seats.

    Nobody overstays in an outage of the database. Whose deadline the clock jumped over, at
    `jumped_at`, lapsed together with all others: how long that took is not judged.
    """
    findings = Findings()
    connection = await asyncpg.connect(owner_url)
    try:
        for screening_id in screening_ids:
            holds = [_held(row) for row in await connection.fetch(_HOLDS, UUID(screening_id))]
            revisions = [
                Revision((row["epoch"], row["revision"]), row["at"], row["seat_states"])
                for row in await connection.fetch(_REVISIONS, UUID(screening_id))
            ]
            now = await connection.fetchval("SELECT app_clock()")
            findings.hold_ids.update(hold.id for hold in holds)
            made = {hold.at: hold for hold in holds}
            _Story(screening_id, rows, outages, jumped_at, findings, made).tell(revisions, now)
    finally:
        await connection.close()
    return findings


async def lapsed_claims(owner_url: str) -> int:
    """Count the seats whose hold is over and that are not free yet."""
    connection = await asyncpg.connect(owner_url)
    try:
        count: int = await connection.fetchval(_LAPSED)
    finally:
        await connection.close()
    return count


def _held(row: asyncpg.Record) -> Held:
    seats = json.loads(row["seats"])
    return Held(
        id=row["id"],
        at=(row["epoch"], row["revision"]),
        expires_at=row["expires_at"],
        state=row["state"],
        indexes=tuple(seat["index"] for seat in seats),
    )


@dataclass(slots=True)
class _Story:
    """What happened to one screening, told from its first revision on."""

    screening_id: str
    rows: Sequence[Row]
    outages: Sequence[Outage]
    jumped_at: datetime
    findings: Findings
    holds: dict[tuple[int, int], Held]
    holders: dict[int, Held] = field(default_factory=dict)

    def tell(self, revisions: Sequence[Revision], now: datetime) -> None:
        for before, after in pairwise(revisions):
            if before.at[0] == after.at[0] and after.at[1] != before.at[1] + 1:
                self._wrong(after, f"follows {before.at}")
            changed = [at for at, state in enumerate(after.states) if state != before.states[at]]
            hold = self.holds.pop(after.at, None)
            if hold is None:
                self._nobody_held(before, after, changed)
            else:
                self._somebody_held(before, after, changed, hold)
        for hold in set(self.holders.values()):
            if hold.state != "ORDERED" and now - hold.expires_at > timedelta(minutes=1):
                self.findings.wrong.append(f"{self.screening_id}: {hold.id} is never given back")
        self.findings.counts["revisions"] += len(revisions)
        self.findings.wrong += [
            f"{self.screening_id}: hold {hold.id} was never on the board"
            for hold in self.holds.values()
        ]

    def _somebody_held(
        self, before: Revision, after: Revision, changed: Sequence[int], hold: Held
    ) -> None:
        self.findings.counts["holds"] += 1
        free = {at for at, state in enumerate(before.states) if state == SeatState.FREE}
        for at in {*changed, *hold.indexes}:
            if before.states[at] == SeatState.HELD:
                self._ends(at, after)
                free.add(at)
            elif before.states[at] != SeatState.FREE:
                self._wrong(after, f"{hold.id} took seat {at}, which was not free")
            wanted = SeatState.HELD if at in hold.indexes else SeatState.FREE
            if after.states[at] != wanted:
                self._wrong(after, f"seat {at} is {after.states[at]} after {hold.id}")
        for row in self.rows:
            signs = [["_" if seat in free else "x" for seat in segment] for segment in row]
            chosen = {
                (number, at)
                for number, segment in enumerate(row)
                for at, seat in enumerate(segment)
                if seat in hold.indexes
            }
            if chosen and refused_seats(signs, chosen, strict=False):
                self._wrong(after, f"{hold.id} left a single seat: {row}, chosen {hold.indexes}")
        self.holders.update(dict.fromkeys(hold.indexes, hold))

    def _nobody_held(self, before: Revision, after: Revision, changed: Sequence[int]) -> None:
        for at in changed:
            match before.states[at], after.states[at]:
                case SeatState.HELD, SeatState.FREE:
                    self._ends(at, after)
                case SeatState.HELD | SeatState.FREE, SeatState.SOLD:
                    self.findings.counts["seats sold"] += 1
                    self.holders.pop(at, None)
                case old, new:
                    self._wrong(after, f"seat {at} went from {old} to {new}")

    def _ends(self, at: int, after: Revision) -> None:
        """See that a hold that gave way to another, or to nobody, had a right to no more."""
        hold = self.holders.pop(at, None)
        if hold is None:
            self._wrong(after, f"seat {at} was held by nobody")
        elif hold.state == "EXPIRED" and hold.expires_at >= self.jumped_at:
            self.findings.counts["seats jumped over"] += 1
        elif hold.state == "EXPIRED" and after.time < self.jumped_at:
            overstay = after.time - hold.expires_at
            for begin, end in self.outages:
                common = min(end, after.time) - max(begin, hold.expires_at)
                overstay -= max(common, timedelta())
            overstay_s = overstay.total_seconds()
            self.findings.overstays_s.append(overstay_s)
            if overstay_s < 0:
                self._wrong(after, f"{hold.id} lost seat {at} {-overstay_s} s too early")

    def _wrong(self, at: Revision, text: str) -> None:
        self.findings.wrong.append(f"{self.screening_id} {at.at}: {text}")


def rows_of(segments_by_row: Sequence[Sequence[Sequence[str]]], seats: Sequence[str]) -> list[Row]:
    """Turn the seats of a plan's rows into indexes of a seat map."""
    index = {seat: at for at, seat in enumerate(seats)}
    return list(_indexed(segments_by_row, index))


def _indexed(rows: Sequence[Sequence[Sequence[str]]], index: dict[str, int]) -> Iterator[Row]:
    for row in rows:
        yield [[index[seat] for seat in segment] for segment in row]
