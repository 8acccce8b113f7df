"""A box office in memory, on the seats of `FakeSeats`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.booking.adapters.facts_messages import plan_of
from services.booking.domain.errors import NotSoldOnlineError, SeatUnavailableError
from services.booking.domain.seat_block import HallView, SeatBlock
from services.booking.domain.seat_layout import Seat
from services.booking.domain.seats import SeatState
from services.booking.domain.staff import Staff
from tests.kit.booking_fakes import FakeSeats, FakeTransaction


@dataclass
class FakeBoxOffice:
    """Implements `Halls`, `BlockList` and `BoxOfficeTransactions`; keeps what staff did."""

    seats: FakeSeats
    blocks: dict[tuple[UUID, str], SeatBlock] = field(default_factory=dict)
    audit: list[tuple[str, str, str]] = field(default_factory=list)

    async def hall(self, screening_id: UUID) -> HallView:
        facts = await self.seats.facts(screening_id)
        answer = self.seats.answers[screening_id]
        if not answer.HasField("seat_plan"):
            raise NotSoldOnlineError(screening_id, facts.not_sold_reason)
        return HallView(facts, plan_of(answer.seat_plan), facts_version=1)

    async def list(self, screening_id: UUID, after_index: int, limit: int) -> list[SeatBlock]:
        found = [
            block
            for (screening, _), block in self.blocks.items()
            if screening == screening_id and block.seat_index > after_index
        ]
        return sorted(found, key=lambda block: block.seat_index)[:limit]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator["FakeBoxOfficeTx"]:
        yield FakeBoxOfficeTx(self)


class FakeBoxOfficeTx(FakeTransaction):
    """One transaction; what is not committed is forgotten."""

    def __init__(self, office: FakeBoxOffice) -> None:
        super().__init__(office.seats)
        self._office = office
        self._blocks, self._audit = dict(office.blocks), list(office.audit)
        self.blocks = self
        self.audit = self

    async def block(
        self, screening_id: UUID, seats: Sequence[Seat], reason: str, staff: Staff
    ) -> list[SeatBlock]:
        states = self._maps[screening_id].states
        in_the_way = [
            (seat.id, SeatState(states[seat.index]).name)
            for seat in seats
            if states[seat.index] in {SeatState.HELD, SeatState.SOLD}
        ]
        if in_the_way:
            raise SeatUnavailableError(in_the_way)
        new = [seat for seat in seats if states[seat.index] == SeatState.FREE]
        self.change(screening_id, [seat.index for seat in new], SeatState.BLOCKED)
        now = self._seats.now
        for seat in seats:
            block = SeatBlock(seat.id, seat.index, reason, staff.id, now)
            self._blocks.setdefault((screening_id, seat.id), block)
        return [self._blocks[screening_id, seat.id] for seat in seats]

    async def unblock(
        self,
        screening_id: UUID,
        seats: Sequence[Seat],
        staff: Staff,  # noqa: ARG002
    ) -> tuple[list[str], list[str]]:
        ended = [seat for seat in seats if self._blocks.pop((screening_id, seat.id), None)]
        free = [seat for seat in ended if not seat.blocked]
        self.change(screening_id, [seat.index for seat in free], SeatState.FREE)
        return [seat.id for seat in free], [seat.id for seat in ended if seat.blocked]

    async def add(self, staff: Staff, action: str, subject: str, after: object) -> None:  # noqa: ARG002
        self._audit.append((staff.id, action, subject))

    async def commit(self) -> None:
        await super().commit()
        self._office.blocks, self._office.audit = self._blocks, self._audit
