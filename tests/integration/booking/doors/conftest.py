"""Doors: AdmissionService over real channels, on a real PostgreSQL, with tickets that were bought."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1 import admission_service_pb2 as service_pb
from cinema.booking.v1.admission_service_pb2_grpc import (
    AdmissionServiceStub,
    add_AdmissionServiceServicer_to_server,
)

from services.booking.adapters.door_screenings import OwnDoorScreenings
from services.booking.adapters.ticket_keys import TicketKeys
from services.booking.admission_composition import DoorPorts, admission_servicer
from services.booking.domain.admission import EntryRules
from services.booking.domain.order import Order
from services.booking.domain.ticket import Ticket
from services.booking.handlers.door_metrics import DoorMeter
from services.common.rpc.paging import PageTokens
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import SIGNER
from tests.kit.booking_rpc import Metadata, as_staff, served
from tests.kit.booking_seats import CINEMA_ID, FakeCatalog, sales_facts

OPENS_BEFORE = timedelta(minutes=30)
USHER = as_staff("usher", cinemas=(CINEMA_ID,))


@dataclass
class NoLimit:
    """Lets everybody pass, unless told to make them wait."""

    wait: int = 0
    keys: list[str] = field(default_factory=list)

    async def wait_ms(self, key: str) -> int:
        self.keys.append(key)
        return self.wait


@dataclass
class Doors:
    """One process's doors, the shop that sells for them, and what staff do there."""

    shop: Shop
    catalog: FakeCatalog
    stub: Any
    limiter: NoLimit
    meter: DoorMeter

    async def show(self, **changes: Any) -> UUID:
        """Publish a screening for everybody that begins in three hours."""
        answer = sales_facts(uuid4())
        answer.screening.film.rating = "AG"
        for name, value in changes.items():
            setattr(answer.screening, name, value)
        return self.catalog.publish(answer)

    async def sell(self, screening_id: UUID, seat_ids: Sequence[str] = ("A1",)) -> list[Ticket]:
        order = await self.shop.buy(screening_id, seat_ids)
        return await self.tickets(order)

    async def tickets(self, order: Order) -> list[Ticket]:
        return list(await self.shop.use.store.list_tickets(order, after_number="", limit=50))

    async def open_entry(self, screening_id: UUID) -> None:
        """Move the clock into the screening's entry, a minute after it opened."""
        await self.clock_to(screening_id, timedelta(minutes=1) - OPENS_BEFORE)

    async def clock_to(self, screening_id: UUID, after_start: timedelta) -> None:
        start = self.catalog.answers[screening_id].screening.start_time.ToDatetime()
        now = await self.now()
        await self.shop.process.move_clock((start + after_start - now).total_seconds())

    async def now(self) -> datetime:
        now: datetime = await self.shop.process.database.fetchval(
            "SELECT app_clock() AT TIME ZONE 'UTC'"
        )
        return now

    async def change(self, screening_id: UUID, change: Callable[[Any], None]) -> None:
        """Let catalog change a screening, and booking be told that it did."""
        answer = self.catalog.answers[screening_id]
        change(answer.screening)
        answer.screening.version += 1
        await self.tell_of_change(screening_id)

    async def tell_of_change(self, screening_id: UUID) -> None:
        await self.sql(
            "UPDATE screening_board SET facts_version = facts_version + 1 WHERE screening_id = $1",
            screening_id,
        )
        await self.sql(
            "UPDATE screening_copy SET stale = true WHERE screening_id = $1", screening_id
        )

    async def sql(self, statement: str, *values: Any) -> None:
        await self.shop.process.database.execute(statement, *values)

    async def ask(self, query: str, *values: Any) -> Any:
        return await self.shop.process.database.fetchval(query, *values)

    async def scan(
        self,
        ticket: Ticket | bytes,
        door: pb.Door | None = None,
        *,
        request_id: str = "",
        caller: Metadata = USHER,
    ) -> pb.Verdict:
        payload = ticket if isinstance(ticket, bytes) else ticket.qr_payload
        request = service_pb.ScanTicketRequest(
            door=door or a_door(), payload=payload, request_id=request_id or str(uuid4())
        )
        answer = await self.stub.ScanTicket(request, metadata=caller)
        verdict: pb.Verdict = answer.verdict
        return verdict

    async def inspect(self, ticket: Ticket, door: pb.Door | None = None) -> pb.Verdict:
        request = service_pb.InspectTicketRequest(door=door or a_door(), payload=ticket.qr_payload)
        verdict: pb.Verdict = (await self.stub.InspectTicket(request, metadata=USHER)).verdict
        return verdict

    async def decide(
        self,
        screening_id: UUID,
        ticket: Ticket,
        decision: str,
        *checks: str,
        door: pb.Door | None = None,
        request_id: str = "",
    ) -> pb.Verdict:
        request = service_pb.RecordVerdictRequest(
            door=door or a_door(),
            screening_id=str(screening_id),
            ticket_id=str(ticket.id),
            decision=service_pb.Decision.Value(f"DECISION_{decision}"),
            checks=[pb.CheckKind.Value(f"CHECK_KIND_{check}") for check in checks],
            request_id=request_id or str(uuid4()),
        )
        verdict: pb.Verdict = (await self.stub.RecordVerdict(request, metadata=USHER)).verdict
        return verdict


def a_door(device_id: str = "scanner-1", **changes: Any) -> pb.Door:
    """A door of the cinema that leads to all its halls."""
    fields = {"cinema_id": CINEMA_ID, "device_id": device_id, "gate": f"Gate of {device_id}"}
    return pb.Door(**fields | changes)


def said(verdict: pb.Verdict) -> str:
    """What a verdict comes to: `ADMIT`, `CHECK AGE 12`, `REFUSE TOO_EARLY`, `DENIED`."""
    words = [pb.Verdict.Outcome.Name(verdict.outcome).removeprefix("OUTCOME_")]
    if verdict.refusal:
        words.append(pb.AdmissionRefusal.Name(verdict.refusal).removeprefix("ADMISSION_REFUSAL_"))
    for check in verdict.checks:
        words.append(pb.CheckKind.Name(check.kind).removeprefix("CHECK_KIND_"))
        words += [str(check.min_age_years)] * bool(check.min_age_years) + [check.proof] * bool(
            check.proof
        )
    return " ".join(words)


NewDoors = Callable[..., Awaitable[Doors]]


@pytest.fixture
async def new_doors(
    new_process: Callable[..., Process], catalog: FakeCatalog
) -> AsyncIterator[NewDoors]:
    """Opens the doors of one more process of booking."""
    async with AsyncExitStack() as stack:

        async def open_doors(
            *,
            late_limit: timedelta = timedelta(0),
            min_age_checked_years: int = 12,
            verifier: TicketKeys | None = None,
        ) -> Doors:
            process, limiter = new_process(), NoLimit()
            servicer = admission_servicer(
                DoorPorts(
                    database=process.database,
                    screenings=OwnDoorScreenings(process.copies, process.screenings),
                    verifier=verifier or TicketKeys(SIGNER.key.public_key()),
                    limiter=limiter,
                    rules=EntryRules(OPENS_BEFORE, late_limit, min_age_checked_years),
                    page_tokens=PageTokens.from_secret(b"pages"),
                )
            )
            register = partial(add_AdmissionServiceServicer_to_server, servicer)
            channel = await stack.enter_async_context(served(register))
            return Doors(
                Shop(process), catalog, AdmissionServiceStub(channel), limiter, servicer.meter
            )

        yield open_doors


@pytest.fixture
async def doors(new_doors: NewDoors) -> Doors:
    return await new_doors()
