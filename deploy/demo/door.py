"""The last act: people come to the door with their tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import uuid4

from cinema.booking.v1 import admission_pb2, admission_service_pb2, ticket_pb2
from cinema.catalog.v1 import screening_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage
from deploy.demo.story import Story
from deploy.local.clock import TestClock

ENTRY_BEFORE_START = timedelta(minutes=10)
SOLD_AHEAD = timedelta(minutes=15)
Verdict = admission_pb2.Verdict


@dataclass(frozen=True)
class Usher:
    """A member of the cinema's staff with a scanner, at one gate."""

    stage: Stage
    screening: screening_pb2.Screening
    gate: str

    @property
    def door(self) -> admission_pb2.Door:
        return admission_pb2.Door(
            cinema_id=self.screening.cinema_id,
            hall_id=self.screening.hall_id,
            device_id=f"demo-{self.gate.lower()}",
            gate=self.gate,
        )

    async def scan(self, payload: bytes) -> admission_pb2.Verdict:
        """Scan a code."""
        answer = await self.stage.admissions.ScanTicket(
            admission_service_pb2.ScanTicketRequest(
                door=self.door, payload=payload, request_id=str(uuid4())
            ),
            metadata=self._metadata,
            timeout=CALL_TIMEOUT_S,
        )
        verdict: admission_pb2.Verdict = answer.verdict
        return verdict

    async def let_in(self, ticket: ticket_pb2.Ticket) -> admission_pb2.Verdict:
        """Scan a ticket and, when something is to be looked at, look and record that it is right."""
        verdict = await self.scan(ticket.qr_payload)
        if verdict.outcome != Verdict.OUTCOME_CHECK:
            return verdict
        answer = await self.stage.admissions.RecordVerdict(
            admission_service_pb2.RecordVerdictRequest(
                door=self.door,
                screening_id=ticket.screening_id,
                ticket_id=ticket.id,
                decision=admission_service_pb2.DECISION_ADMIT,
                checks=[check.kind for check in verdict.checks],
                request_id=str(uuid4()),
            ),
            metadata=self._metadata,
            timeout=CALL_TIMEOUT_S,
        )
        decided: admission_pb2.Verdict = answer.verdict
        return decided

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return self.stage.staff("usher", (self.screening.cinema_id,))


async def tickets_at_the_door(stage: Stage, house: House, story: Story, clock: TestClock) -> None:
    """Let each ticket in once; a copy at another gate, and a forged code, stay outside."""
    story.act("Two people come to the door, and somebody with a copy of a ticket")
    now = await clock.now()
    screening = (await house.upcoming(now, after=SOLD_AHEAD))[0]
    buyer = await Buyer.guest(stage, "Maria")
    seats = (await house.free_seats(screening.id)).take(2)
    order = await buyer.buy(screening.id, seats)
    tickets = await buyer.tickets(order.id)
    async with stage.http.get(tickets[0].image_url) as image:
        story.must(
            (image.status, image.content_type) == (200, "image/png"),
            "the link of a ticket shows its code as an image",
        )
    left, right = (Usher(stage, screening, gate) for gate in ("Left", "Right"))
    start = screening.start_time.ToDatetime(tzinfo=UTC)
    await clock.advance(start - ENTRY_BEFORE_START - now)
    story.tell(f"ten minutes before {screening.film.title} (test clock)")

    verdicts = [await left.let_in(ticket) for ticket in tickets]
    story.must(
        all(verdict.outcome == Verdict.OUTCOME_ADMIT for verdict in verdicts),
        f"both are let in to {verdicts[0].screening.hall_name}",
    )
    copy = await right.scan(tickets[0].qr_payload)
    story.must(
        copy.refusal == admission_pb2.ADMISSION_REFUSAL_ALREADY_ADMITTED
        and copy.admission.gate == left.gate,
        "the copy is refused: the ticket was used at the gate Left",
    )
    forged = await right.scan(tickets[1].qr_payload[:-1] + b"\x00")
    story.must(
        forged.refusal == admission_pb2.ADMISSION_REFUSAL_BAD_SIGNATURE,
        "a forged code is refused: no signature of ours",
    )
    story.count(
        orders_confirmed=1, tickets=len(tickets), tickets_admitted=len(tickets), scans_refused=2,
        mails=1,
    )  # fmt: skip
    story.pay(order.money_due)
