"""The checks of `make verify` see what must not be."""

from uuid import UUID

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.booking.checks import checks
from services.common.db.checks import run_checks
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import HOLD_SECONDS, a_key, a_wish


async def complaints(process: Process) -> set[str]:
    """The names of the checks that do not hold."""
    found = await run_checks({"booking": process.database}, {"booking": checks()}, wait_s=0)
    return {violation.check for violation in found}


async def test_nothing_is_wrong_after_holding_releasing_and_expiring(
    process: Process, screening_id: UUID
) -> None:
    first = await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await process.hold_seats(a_wish(screening_id, ["B1"]), a_key())
    await process.release_hold(screening_id, first.id, first.owner, a_key(call="ReleaseHold"))
    await process.move_clock(HOLD_SECONDS)
    await process.expire_holds()
    await process.hold_seats(a_wish(screening_id, ["B1", "B2"]), a_key())

    assert await complaints(process) == set()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (
            "UPDATE screening_board SET seat_states = set_byte(seat_states, 0, 1)",
            "every claim is on its board",
        ),
        (
            "UPDATE screening_board SET seat_states = set_byte(seat_states, 9, 3)",
            "boards show no more than is claimed",
        ),
        (
            "UPDATE hold SET state = 'EXPIRED'",
            "claims belong to live holds and their orders",
        ),
        (
            "UPDATE seat_claim SET state = 'SOLD', expires_at = NULL, order_id = hold_id",
            "claims belong to live holds and their orders",
        ),
        ("DELETE FROM seat_claim WHERE seat_id = 'A1'", "live holds have all their seats"),
        ("DELETE FROM hold", "answered holds exist"),
    ],
)
async def test_each_damage_is_seen(
    process: Process, screening_id: UUID, damage: str, complaint: str
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())

    await process.database.execute(damage)

    assert complaint in await complaints(process)


async def test_without_the_claims_key_a_seat_claimed_twice_is_seen(
    process: Process, screening_id: UUID, booking_database: ServiceDatabase
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    owner = await asyncpg.connect(booking_database.owner_url)
    await owner.execute("ALTER TABLE seat_claim DROP CONSTRAINT seat_claim_pkey")
    await owner.close()
    await process.database.execute(
        "UPDATE screening_board SET seat_states = set_byte(seat_states, 0, 1)"
    )

    await process.hold_seats(a_wish(screening_id, ["A1"], owner="guest:b"), a_key("guest:b"))

    assert "a seat has at most one claim" in await complaints(process)


async def test_a_lapsed_hold_that_nobody_ends_is_seen(process: Process, screening_id: UUID) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())

    await process.move_clock(HOLD_SECONDS)

    assert "lapsed holds come to an end" in await complaints(process)
