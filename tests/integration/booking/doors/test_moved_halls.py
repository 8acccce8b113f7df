"""A ticket follows its screening into another hall: the old code, the new hall, the new seat."""

from uuid import UUID

import pytest
from cinema.catalog.v1.screening_pb2 import Screening

from services.booking.job_composition import screening_jobs, seat_moves
from tests.integration.booking.doors.conftest import Doors, a_door, said
from tests.kit.booking_seats import a_seat_plan

pytestmark = pytest.mark.rule("OTC-22")


async def move(doors: Doors, screening_id: UUID) -> str:
    """Let catalog put a screening into a hall of three rows of six, and booking's worker follow."""
    plan = a_seat_plan(rows=3, seats_per_row=6)

    def into_the_other_hall(screening: Screening) -> None:
        screening.hall_id, screening.hall_name = plan.hall_id, "Hall 9"
        screening.seat_plan_id = plan.id

    doors.catalog.answers[screening_id].seat_plan.CopyFrom(plan)
    await doors.change(screening_id, into_the_other_hall)
    await doors.sql("UPDATE screening_board SET sales_state = 'MOVING'")
    process = doors.shop.process
    await seat_moves(process.database, process.screenings).move_due()
    while await screening_jobs(process.database)():
        pass
    return plan.hall_id


async def test_the_old_code_is_admitted_and_the_scan_shows_the_new_hall_and_seat(
    doors: Doors,
) -> None:
    screening_id = await doors.show()
    (ticket, _) = await doors.sell(screening_id, ["E9", "E10"])
    hall_id = await move(doors, screening_id)
    await doors.open_entry(screening_id)

    verdict = await doors.scan(ticket, a_door(hall_id=hall_id))

    assert said(verdict) == "ADMIT"
    assert (verdict.ticket.seat_id, verdict.ticket.row_name) == ("C5", "C")
    assert verdict.screening.hall_name == "Hall 9"


async def test_who_goes_to_the_old_hall_is_sent_to_the_new_one(doors: Doors) -> None:
    screening_id = await doors.show()
    (ticket,) = await doors.sell(screening_id, ["A1"])
    old_hall = doors.catalog.answers[screening_id].screening.hall_id
    await move(doors, screening_id)
    await doors.open_entry(screening_id)

    assert said(await doors.scan(ticket, a_door(hall_id=old_hall))) == "REFUSE WRONG_HALL"


async def test_who_was_admitted_before_keeps_that_and_gets_a_seat(doors: Doors) -> None:
    screening_id = await doors.show()
    (ticket,) = await doors.sell(screening_id, ["E10"])
    await doors.open_entry(screening_id)
    await doors.scan(ticket)

    await move(doors, screening_id)

    again = await doors.scan(ticket)
    assert said(again) == "REFUSE ALREADY_ADMITTED"
    assert again.ticket.seat_id == "C6"
