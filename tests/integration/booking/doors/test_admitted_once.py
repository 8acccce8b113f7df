"""Admitted once, ever: two doors at the same instant, a cancellation, a device that asks again."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1.events_pb2 import TicketAdmitted

from deploy.demo.stage import until
from deploy.local.databases import ServiceDatabase
from services.booking.admission_checks import admission_checks
from services.booking.domain.ticket import Ticket
from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import Violation, run_check
from tests.integration.booking.doors.conftest import Doors, NewDoors, a_door, said
from tests.kit.booking_rpc import as_staff, refused
from tests.kit.booking_seats import CINEMA_ID

SEATS = [f"{row}{number}" for row in "ABCDE" for number in range(1, 9)]
# What a cancellation does to the tickets of its order: issued ones only, never used ones.
CANCEL = "UPDATE ticket SET state = 'CANCELLED' WHERE id = $1 AND state = 'VALID' RETURNING id"


@pytest.fixture
async def screening_id(doors: Doors) -> UUID:
    return await doors.show()


@pytest.fixture
async def ticket(doors: Doors, screening_id: UUID) -> Ticket:
    (ticket,) = await doors.sell(screening_id)
    await doors.open_entry(screening_id)
    return ticket


async def many_tickets(doors: Doors, screening_id: UUID) -> list[Ticket]:
    tickets: list[Ticket] = []
    for start in range(0, len(SEATS), 8):
        tickets += await doors.sell(screening_id, SEATS[start : start + 8])
    await doors.open_entry(screening_id)
    return tickets


async def complaints(doors: Doors) -> list[Violation]:
    database = doors.shop.process.database
    checks = [*admission_checks(), *(each for each in chassis_checks() if "audit" in each.name)]
    found = [await run_check(database, "booking", each, wait_s=0) for each in checks]
    return [violation for violations in found for violation in violations]


async def test_of_many_doors_at_the_same_instant_one_lets_in(
    doors: Doors, new_doors: NewDoors, screening_id: UUID
) -> None:
    tickets, others = await many_tickets(doors, screening_id), await new_doors()
    processes = [doors, others]

    async def at_every_door(ticket: Ticket) -> list[pb.Verdict]:
        scans = [processes[n % 2].scan(ticket, a_door(f"scanner-{n}")) for n in range(6)]
        return list(await asyncio.gather(*scans))

    for verdicts in await asyncio.gather(*map(at_every_door, tickets)):
        let_in = [verdict for verdict in verdicts if said(verdict) == "ADMIT"]
        assert len(let_in) == 1
        kept_out = [verdict for verdict in verdicts if verdict is not let_in[0]]
        assert {said(verdict) for verdict in kept_out} == {"REFUSE ALREADY_ADMITTED"}
        assert {verdict.admission.id for verdict in verdicts} == {let_in[0].admission.id}
    assert await complaints(doors) == []
    assert await doors.ask("SELECT count(*) FROM outbox WHERE type = 'TicketAdmitted'") == 40


async def test_a_door_and_a_cancellation_at_the_same_instant_never_both_win(
    doors: Doors, screening_id: UUID
) -> None:
    tickets = await many_tickets(doors, screening_id)

    async def race(number: int, ticket: Ticket) -> tuple[str, bool]:
        scan, cancel = doors.scan(ticket), doors.ask(CANCEL, ticket.id)
        if number % 2:
            cancelled, verdict = await asyncio.gather(cancel, scan)
        else:
            verdict, cancelled = await asyncio.gather(scan, cancel)
        return said(verdict), cancelled is not None

    outcomes = await asyncio.gather(*(race(n, ticket) for n, ticket in enumerate(tickets)))

    assert set(outcomes) <= {("ADMIT", False), ("REFUSE CANCELLED", True)}
    assert await complaints(doors) == []


@pytest.mark.parametrize(
    ("ends", "verdict"), [("COMMIT", "REFUSE CANCELLED"), ("ROLLBACK", "ADMIT")]
)
async def test_a_door_waits_for_a_cancellation_that_is_under_way(
    doors: Doors, ticket: Ticket, ends: str, verdict: str
) -> None:
    database = doors.shop.process.database
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with database.driver() as connection:
        await connection.execute("BEGIN")
        await connection.execute(CANCEL, ticket.id)
        scan = asyncio.create_task(doors.scan(ticket))
        await until(lambda: doors.ask(waiting), what="the door to wait for the ticket's row")
        before = scan.done()
        await connection.execute(ends)

    assert not before
    assert said(await scan) == verdict


async def test_a_cancellation_after_the_door_finds_nothing_to_cancel(
    doors: Doors, ticket: Ticket
) -> None:
    await doors.scan(ticket)

    assert await doors.ask(CANCEL, ticket.id) is None


async def test_a_device_that_asks_again_gets_the_same_answer(
    doors: Doors, new_doors: NewDoors, screening_id: UUID, ticket: Ticket
) -> None:
    request_id, others = str(uuid4()), await new_doors()
    first = await doors.scan(ticket, request_id=request_id)

    again = await doors.scan(ticket, request_id=request_id)
    elsewhere = await others.scan(ticket, request_id=request_id)
    by_another = await doors.scan(
        ticket, request_id=request_id, caller=as_staff("cashier", cinemas=(CINEMA_ID,))
    )
    later = await _after_the_end(doors, screening_id, ticket, request_id)

    for verdict in (again, elsewhere, by_another, later):
        assert verdict == first
    assert await doors.ask("SELECT count(*) FROM admission") == 1


async def _after_the_end(
    doors: Doors, screening_id: UUID, ticket: Ticket, request_id: str
) -> pb.Verdict:
    await doors.shop.process.move_clock(24 * 3_600)
    return await doors.scan(ticket, request_id=request_id)


async def test_the_same_request_twice_at_the_same_instant_is_one_admission(
    doors: Doors, ticket: Ticket
) -> None:
    request_id = str(uuid4())

    verdicts = await asyncio.gather(*(doors.scan(ticket, request_id=request_id) for _ in range(8)))

    assert {said(verdict) for verdict in verdicts} == {"ADMIT"}
    assert len({verdict.admission.id for verdict in verdicts}) == 1


async def test_the_same_request_id_of_another_device_is_another_request(
    doors: Doors, ticket: Ticket
) -> None:
    request_id = str(uuid4())
    await doors.scan(ticket, a_door("scanner-1"), request_id=request_id)

    other = await doors.scan(ticket, a_door("scanner-2"), request_id=request_id)

    assert said(other) == "REFUSE ALREADY_ADMITTED"


async def test_a_verdict_that_recorded_nothing_is_judged_anew(
    doors: Doors, screening_id: UUID
) -> None:
    (ticket,) = await doors.sell(screening_id)
    request_id = str(uuid4())
    early = await doors.scan(ticket, request_id=request_id)
    await doors.open_entry(screening_id)

    assert said(early) == "REFUSE TOO_EARLY"
    assert said(await doors.scan(ticket, request_id=request_id)) == "ADMIT"


async def test_a_request_id_is_not_used_for_another_ticket(
    doors: Doors, screening_id: UUID
) -> None:
    first, second = await doors.sell(screening_id, ["A1", "A2"])
    await doors.open_entry(screening_id)
    request_id = str(uuid4())
    await doors.scan(first, request_id=request_id)

    refusal = await refused(doors.scan(second, request_id=request_id))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
    )


async def test_an_admission_is_told_and_audited(doors: Doors, ticket: Ticket) -> None:
    verdict = await doors.scan(ticket)

    rows = await doors.shop.process.database.fetch(
        "SELECT aggregate_version, payload FROM outbox WHERE aggregate_id = $1", str(ticket.id)
    )
    audited = await doors.shop.process.database.fetch(
        "SELECT action, roles FROM audit WHERE subject = $1", str(ticket.id)
    )
    (event,) = rows
    told = TicketAdmitted.FromString(event["payload"])
    assert event["aggregate_version"] == 1
    assert told.ticket_id == verdict.ticket.id
    assert told.cinema_id == CINEMA_ID
    assert told.order_id == str(await doors.ask("SELECT order_id FROM ticket"))
    assert [(row["action"], row["roles"]) for row in audited] == [("AdmitTicket", ["usher"])]


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE ticket SET state = 'VALID'", "at most once"),
        ("UPDATE ticket SET admission_id = screening_id", "at most once"),
        ("DELETE FROM admission", "at most once"),
        ("DELETE FROM outbox WHERE type = 'TicketAdmitted'", "told once"),
        ("DELETE FROM audit", "audited"),
    ],
)
async def test_what_is_wrong_at_the_doors_is_noticed(
    doors: Doors,
    ticket: Ticket,
    booking_database: ServiceDatabase,
    statement: str,
    complaint: str,
) -> None:
    await doors.scan(ticket)
    before = await complaints(doors)

    owner = await asyncpg.connect(booking_database.owner_url)
    await owner.execute(statement)
    await owner.close()

    assert before == []
    assert any(complaint in violation.check for violation in await complaints(doors))


async def test_a_record_is_never_changed(doors: Doors, ticket: Ticket) -> None:
    await doors.scan(ticket)

    with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
        await doors.sql("UPDATE admission SET gate = 'another'")
