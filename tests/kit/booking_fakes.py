"""Booking's seats in memory: what the ports promise, without a database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsResponse

from services.booking.adapters.facts_messages import facts_of, plan_of
from services.booking.adapters.hold_rows import hold_made
from services.booking.domain.caller_limits import CallerHolds, CallerLimits
from services.booking.domain.errors import (
    HoldNotFoundError,
    SalesClosedError,
    SalesPausedError,
    ScreeningNotFoundError,
)
from services.booking.domain.hold import Hold, HoldState, SeatQuote
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seat_choice import Sale, refuse_taken, seats_not_free
from services.booking.domain.seats import SeatMap, SeatState, with_states
from services.booking.domain.tenders import CardOption
from services.booking.use_cases.new_hold import Draft, NewHold
from services.booking.use_cases.ports import Attempt, BoardLock, TakenSeat
from services.common.errors import (
    DependencyUnavailableError,
    DomainError,
    RepeatedRequest,
    RequestIdReusedError,
)
from services.common.requests import RequestKey
from tests.kit.booking_seats import SERVER_START


@dataclass
class FakeSeats:
    """Screenings, seat maps and holds of one database, with a clock that tests move.

    Implements the ports `Screenings`, `Holds`, `SeatBoard`, `Requests` and `Transactions`. Work of
    a transaction that is not committed is forgotten.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    limits: CallerLimits = field(default_factory=CallerLimits)
    board_facts_version: int = 1  # Another one: the facts change whenever somebody has read them.
    paused: bool = False
    is_down: bool = False
    answers: dict[UUID, GetSalesFactsResponse] = field(default_factory=dict)
    maps: dict[UUID, SeatMap] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    requests: dict[tuple[str, UUID], tuple[bytes, bytes]] = field(default_factory=dict)

    def publish(self, answer: GetSalesFactsResponse) -> UUID:
        screening_id = UUID(answer.screening.id)
        self.answers[screening_id] = answer
        plan_id = UUID(answer.screening.seat_plan_id) if answer.screening.seat_plan_id else None
        self.maps[screening_id] = SeatMap(
            screening_id, plan_id, epoch=1, revision=1, facts_version=1, on_sale=True,
            states=plan_of(answer.seat_plan).states_before_sales() if answer.HasField("seat_plan") else b"",
            server_start=SERVER_START,
        )  # fmt: skip
        return screening_id

    # Screenings

    async def facts(self, screening_id: UUID) -> ScreeningFacts:
        if self.paused:
            raise SalesPausedError
        if screening_id not in self.answers:
            raise ScreeningNotFoundError(screening_id)
        return facts_of(self.answers[screening_id], facts_version=1)

    async def fresh_facts(self, screening_id: UUID) -> ScreeningFacts:
        return await self.facts(screening_id)

    async def sale(self, screening_id: UUID, *, max_age_ms: int) -> Sale:
        facts = await self.facts(screening_id)
        facts.must_be_sold_online()
        plan = plan_of(self.answers[screening_id].seat_plan)
        return Sale(facts, plan, await self.seat_map(screening_id, max_age_ms=max_age_ms))

    async def seat_map(self, screening_id: UUID, *, max_age_ms: int) -> SeatMap:  # noqa: ARG002
        if screening_id not in self.maps:
            raise ScreeningNotFoundError(screening_id)
        return self.maps[screening_id]

    async def read_moved(self, seen: Sequence[SeatMap]) -> list[SeatMap]:
        if self.is_down:
            raise DependencyUnavailableError("database")
        return [
            self.maps[each.screening_id] for each in seen if self.maps[each.screening_id] != each
        ]

    def become(self, screening_id: UUID, index: int, state: SeatState) -> None:
        """Put a seat into a state, as somebody else's call would."""
        self._change(screening_id, [index], state)

    # Holds

    async def write_at_once(self, new: NewHold, seen: SeatMap, key: RequestKey) -> Attempt:
        await self.replay(new.screening_id, key)
        (first, end), there = new.span, self.maps[new.screening_id]
        if there.states[first:end] != seen.states[first:end]:
            return Attempt(None)
        facts = await self.facts(new.screening_id)
        if not facts.sales_start_time <= self.now < facts.sales_end_time:
            return Attempt(None)
        holds = self.holds_of(new.owner, new.screening_id)
        try:
            self.limits.judge(holds)
        except DomainError:
            return Attempt(None, holds)
        return Attempt(None, holds) if holds.here else self._write(new, key)

    async def write_locked(self, draft: Draft, key: RequestKey) -> Attempt:
        screening_id = draft.screening_id
        await self.replay(screening_id, key)
        self.limits.judge(self.holds_of(draft.owner, screening_id))
        facts = await self.facts(screening_id)
        if not facts.sales_start_time <= self.now < facts.sales_end_time:
            raise SalesClosedError(screening_id)
        states = self.maps[screening_id].states
        new = draft.on(states)
        new.judge_together(self.seats_of(screening_id, draft.owner), self.limits)
        new.judge(states)
        return self._write(new, key)

    def _write(self, new: NewHold, key: RequestKey) -> Attempt:
        there = self.maps[new.screening_id]
        hold = hold_made(new, there.epoch, there.revision + 1, self.now)
        self._change(new.screening_id, new.seat_indexes, SeatState.HELD)
        self.holds[new.id] = hold
        self.requests[key.method, key.request_id] = (key.fingerprint, key.pack(hold))
        return Attempt(hold)

    def holds_of(self, owner: str, screening_id: UUID) -> CallerHolds:
        mine = [hold for hold in self.holds.values() if hold.owner == owner]
        period = timedelta(seconds=self.limits.released_holds_period_s)
        live = [hold for hold in mine if self._is_live(hold)]
        return CallerHolds(
            live=len(live),
            here=sum(hold.screening_id == screening_id for hold in live),
            released=sum(
                hold.state is HoldState.RELEASED and hold.created_at > self.now - period
                for hold in mine
            ),
        )

    def seats_of(self, screening_id: UUID, owner: str, but: UUID | None = None) -> list[SeatQuote]:
        return [
            seat
            for hold in self.holds.values()
            if hold.owner == owner and hold.screening_id == screening_id and hold.id != but
            if self._is_live(hold)
            for seat in hold.seats
        ]

    def _is_live(self, hold: Hold) -> bool:
        return hold.state is HoldState.ACTIVE and hold.expires_at > self.now

    async def taken(self, screening_id: UUID, seat_ids: Sequence[str]) -> list[TakenSeat]:
        claims = [
            (seat.seat_id, hold.expires_at <= self.now)
            for hold in self.holds.values()
            for seat in hold.seats
            if hold.screening_id == screening_id and hold.state is HoldState.ACTIVE
        ]
        return [
            TakenSeat(seat_id, SeatState.HELD, lapsed=lapsed)
            for seat_id, lapsed in claims
            if seat_id in seat_ids
        ]

    async def replay(self, screening_id: UUID, key: RequestKey) -> None:  # noqa: ARG002
        answered = self.requests.get((key.method, key.request_id))
        if answered is None:
            return
        if answered[0] != key.fingerprint:
            raise RequestIdReusedError(key.request_id)
        raise RepeatedRequest(answered[1])

    async def get(self, screening_id: UUID, hold_id: UUID) -> Hold:
        hold = self.holds.get(hold_id)
        if hold is None or hold.screening_id != screening_id:
            raise HoldNotFoundError(hold_id)
        return replace(hold, read_at=self.now)

    def recall(self, hold_id: UUID) -> Hold | None:
        return self.holds.get(hold_id)

    # Transactions

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator["FakeTransaction"]:
        yield FakeTransaction(self)

    def _change(self, screening_id: UUID, indexes: Sequence[int], state: SeatState) -> None:
        seat_map = self.maps[screening_id]
        self.maps[screening_id] = replace(
            seat_map,
            revision=seat_map.revision + 1,
            states=with_states(seat_map.states, indexes, state),
        )


class FakeTransaction:
    """One transaction on `FakeSeats`; its own board and requests."""

    def __init__(self, seats: FakeSeats) -> None:
        self._seats = seats
        self._maps, self._holds = dict(seats.maps), dict(seats.holds)
        self._requests = dict(seats.requests)
        self.board = self
        self.requests = self

    async def lock(self, screening_id: UUID) -> BoardLock:
        seat_map = self._seats.maps.get(screening_id)
        if seat_map is None:
            raise ScreeningNotFoundError(screening_id)
        return BoardLock(
            screening_id,
            self._seats.now,
            on_sale=True,
            epoch=1,
            revision=seat_map.revision,
            facts_version=self._seats.board_facts_version,
        )

    async def hold_for_update(self, screening_id: UUID, hold_id: UUID) -> Hold:
        return await self._seats.get(screening_id, hold_id)

    async def free(self, screening_id: UUID, hold_id: UUID) -> None:
        seat_map = self._maps[screening_id]
        indexes = [seat.seat_index for seat in self._holds[hold_id].seats]
        self._maps[screening_id] = replace(
            seat_map,
            revision=seat_map.revision + 1,
            states=with_states(seat_map.states, indexes, SeatState.FREE),
        )

    async def save_hold_state(self, hold: Hold) -> None:
        self._holds[hold.id] = hold

    async def seat_states(self, screening_id: UUID) -> bytes:
        return self._maps[screening_id].states

    async def version(self, screening_id: UUID) -> tuple[int, int]:
        seat_map = self._maps[screening_id]
        return seat_map.epoch, seat_map.revision

    def change(self, screening_id: UUID, indexes: Sequence[int], state: SeatState) -> None:
        """Put seats into a state, as one change of the board."""
        if indexes:
            seat_map = self._maps[screening_id]
            states = with_states(seat_map.states, indexes, state)
            self._maps[screening_id] = replace(
                seat_map, revision=seat_map.revision + 1, states=states
            )

    async def lock_caller(
        self,
        caller: str,
        screening_id: UUID,
        limits: CallerLimits,  # noqa: ARG002 - the port's
    ) -> CallerHolds:
        return self._seats.holds_of(caller, screening_id)

    async def held_by(
        self, screening_id: UUID, caller: str, but: UUID | None = None
    ) -> list[SeatQuote]:
        return self._seats.seats_of(screening_id, caller, but)

    async def must_be_takeable(self, screening_id: UUID, seats: Sequence[SeatQuote]) -> None:
        refuse_taken(seats_not_free(self._maps[screening_id].states, seats))

    async def change_hold(self, hold: Hold, had: Sequence[SeatQuote]) -> None:
        seat_map = self._maps[hold.screening_id]
        own = {seat.seat_index for seat in had}
        wanted = {seat.seat_index for seat in hold.seats}
        if wanted != own:
            states = with_states(seat_map.states, own, SeatState.FREE)
            states = with_states(states, wanted, SeatState.HELD)
            hold.revision = seat_map.revision + 1
            self._maps[hold.screening_id] = replace(seat_map, revision=hold.revision, states=states)
        self._holds[hold.id] = hold

    async def claim(self, key: RequestKey) -> None:
        await self._seats.replay(key.request_id, key)

    async def store(self, key: RequestKey, result: Any) -> None:
        self._requests[key.method, key.request_id] = (key.fingerprint, key.pack(result))

    async def commit(self) -> None:
        self._seats.maps, self._seats.holds = self._maps, self._holds
        self._seats.requests = self._requests

    async def sell(self, screening_id: UUID, hold_id: UUID, order_id: UUID) -> bool:
        raise NotImplementedError

    async def take_back(self, screening_id: UUID, order_id: UUID) -> None:
        raise NotImplementedError

    async def retake(
        self, screening_id: UUID, hold_id: UUID, order_id: UUID, seat_ids: Sequence[str]
    ) -> bool:
        raise NotImplementedError

    async def expire_lapsed(self, screening_id: UUID) -> int:  # noqa: ARG002
        return 0  # Whose holds lapse is not asked here.

    async def extend(self, screening_id: UUID, hold_id: UUID, by: timedelta) -> bool:
        raise NotImplementedError


@dataclass
class FakeCards:
    """The wallet: the cards of accounts, silence, or a refusal."""

    options: dict[UUID, list[CardOption]] = field(default_factory=dict)
    is_down: bool = False
    refusal: DomainError | None = None

    async def eligible(
        self,
        account_id: UUID,
        facts: ScreeningFacts,  # noqa: ARG002 - the port's
        hold: Hold,  # noqa: ARG002 - the port's
    ) -> list[CardOption]:
        if self.is_down:
            raise DependencyUnavailableError("wallet")
        if self.refusal is not None:
            raise self.refusal
        return self.options.get(account_id, [])


def lapse(seats: FakeSeats, seconds: float) -> None:
    """Let time pass."""
    seats.now += timedelta(seconds=seconds)
