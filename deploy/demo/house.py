"""The cinema's side of the story: finding screenings and seats, issuing cards, stopping a show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as booking_pb
from cinema.booking.v1 import seat_pb2
from cinema.catalog.v1 import (
    catalog_admin_service_pb2,
    programme_service_pb2,
    screening_pb2,
    seat_plan_pb2,
)
from cinema.wallet.v1 import wallet_admin_service_pb2

from deploy.demo.stage import CALL_TIMEOUT_S, Stage

PAGE_SIZE = 100
CARD_VALID_DAYS = 180
# Prepaid cards pay films, not theatre.
FILM = "FILM"


@dataclass(frozen=True)
class SeatChoice:
    """Free seats of a screening, in runs of physically adjacent ones."""

    runs: Sequence[Sequence[str]]

    def take(self, count: int) -> list[str]:
        """Give adjacent free seats that are as many as asked and, if there are, leave none alone."""
        enough = [run for run in self.runs if len(run) >= count]
        if not enough:
            raise LookupError(f"No {count} adjacent free seats are left.")
        return list(min(enough, key=lambda run: len(run) == count + 1)[:count])


class House:
    """What staff and front ends ask of the suite."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._plans: dict[str, seat_plan_pb2.SeatPlan] = {}

    async def cinema_ids(self) -> list[str]:
        """List the cinemas."""
        answer = await self._stage.programme.ListCinemas(
            programme_service_pb2.ListCinemasRequest(page_size=PAGE_SIZE), timeout=CALL_TIMEOUT_S
        )
        return [cinema.id for cinema in answer.cinemas]

    async def screenings(self, cinema_id: str, date: str) -> list[screening_pb2.Screening]:
        """List what a cinema sells online on a date, by start."""
        found: list[screening_pb2.Screening] = []
        token = ""
        while True:
            answer = await self._stage.programme.ListScreenings(
                programme_service_pb2.ListScreeningsRequest(
                    cinema_id=cinema_id, date=date, page_size=PAGE_SIZE, page_token=token
                ),
                timeout=CALL_TIMEOUT_S,
            )
            found += answer.screenings
            token = answer.next_page_token
            if not token:
                return found

    async def upcoming(
        self, now: datetime, *, after: timedelta, format_code: str = "2D", days: int = 7
    ) -> list[screening_pb2.Screening]:
        """List showings of films that start later than `after` from now, soonest first."""
        earliest = now + after
        found: list[screening_pb2.Screening] = []
        for cinema_id in (await self.cinema_ids())[:8]:
            for day in range(days):
                date = (now + timedelta(days=day)).date().isoformat()
                found += [
                    screening
                    for screening in await self.screenings(cinema_id, date)
                    if screening.start_time.ToDatetime(tzinfo=UTC) > earliest
                    and screening.format == format_code
                    and screening.film.event_kind == FILM
                ]
                if found:
                    break
        return sorted(found, key=lambda screening: screening.start_time.ToDatetime())

    async def plan(self, seat_plan_id: str) -> seat_plan_pb2.SeatPlan:
        """Get a seat plan; it never changes, so once is enough."""
        if seat_plan_id not in self._plans:
            answer = await self._stage.programme.GetSeatPlan(
                programme_service_pb2.GetSeatPlanRequest(seat_plan_id=seat_plan_id),
                timeout=CALL_TIMEOUT_S,
            )
            self._plans[seat_plan_id] = answer.seat_plan
        return self._plans[seat_plan_id]

    async def seat_states(self, screening_id: str) -> dict[str, seat_pb2.SeatState.ValueType]:
        """Get the state of every seat by its ID."""
        _, states = await self._plan_and_states(screening_id)
        return states

    async def _plan_and_states(
        self, screening_id: str
    ) -> tuple[seat_plan_pb2.SeatPlan, dict[str, seat_pb2.SeatState.ValueType]]:
        seat_map = await self._stage.bookings[0].GetSeatMap(
            booking_pb.GetSeatMapRequest(screening_id=screening_id), timeout=CALL_TIMEOUT_S
        )
        plan = await self.plan(seat_map.seat_plan_id)
        ids = [s.id for row in plan.rows for run in row.segments for s in run.seats]
        return plan, dict(zip(ids, seat_map.states, strict=True))

    async def free_seats(self, screening_id: str) -> SeatChoice:
        """Find the free ordinary seats of the standard area, in runs of adjacent ones."""
        plan, states = await self._plan_and_states(screening_id)
        runs: list[list[str]] = []
        for row in reversed(plan.rows):
            for segment in row.segments:
                run: list[str] = []
                for seat in segment.seats:
                    is_plain = (
                        seat.kind == seat_plan_pb2.Seat.KIND_STANDARD and seat.area == "STANDARD"
                    )
                    if is_plain and states[seat.id] == seat_pb2.SEAT_STATE_FREE:
                        run.append(seat.id)
                    elif run:
                        runs.append(run)
                        run = []
                if run:
                    runs.append(run)
        return SeatChoice(runs)

    async def issue_card(self, now: datetime, product_code: str = "carte-3") -> str:
        """Issue one prepaid card as staff; returns its number."""
        answer = await self._stage.wallet_admin.IssueCards(
            wallet_admin_service_pb2.IssueCardsRequest(
                product_code=product_code,
                count=1,
                last_screening_date=(now + timedelta(days=CARD_VALID_DAYS)).date().isoformat(),
                reason="demo",
                request_id=str(uuid4()),
            ),
            metadata=self._stage.staff("operator"),
            timeout=CALL_TIMEOUT_S,
        )
        card_number: str = answer.cards[0].card_number
        return card_number

    async def cancel(self, screening_id: str) -> screening_pb2.Screening:
        """Call a screening off as its cinema's manager."""
        read = await self._stage.programme.GetScreening(
            programme_service_pb2.GetScreeningRequest(screening_id=screening_id),
            timeout=CALL_TIMEOUT_S,
        )
        answer = await self._stage.catalog_admin.CancelScreening(
            catalog_admin_service_pb2.CancelScreeningRequest(
                screening_id=screening_id,
                etag=read.screening.etag,
                cause=screening_pb2.CANCELLATION_CAUSE_TECHNICAL,
                reason="The projector failed.",
                attributable=True,
                request_id=str(uuid4()),
            ),
            metadata=self._stage.staff("cinema_manager", (read.screening.cinema_id,)),
            timeout=CALL_TIMEOUT_S,
        )
        screening: screening_pb2.Screening = answer.screening
        return screening

    async def terminate(self, screening_id: str) -> screening_pb2.Screening:
        """Stop a running screening as its cinema's manager."""
        read = await self._stage.programme.GetScreening(
            programme_service_pb2.GetScreeningRequest(screening_id=screening_id),
            timeout=CALL_TIMEOUT_S,
        )
        answer = await self._stage.catalog_admin.TerminateScreening(
            catalog_admin_service_pb2.TerminateScreeningRequest(
                screening_id=screening_id,
                etag=read.screening.etag,
                reason="The projector failed.",
                attributable=True,
                request_id=str(uuid4()),
            ),
            metadata=self._stage.staff("cinema_manager", (read.screening.cinema_id,)),
            timeout=CALL_TIMEOUT_S,
        )
        screening: screening_pb2.Screening = answer.screening
        return screening
