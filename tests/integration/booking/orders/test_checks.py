"""What `make verify` says of orders: nothing while all is well, something for each wrong."""

from uuid import UUID

import pytest

from services.booking.domain.order import Order
from services.booking.order_checks import order_checks
from services.booking.seat_checks import seat_checks
from services.common.db.checks import Violation, run_check
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.kit.booking_orders import ACCOUNT, an_order_key


async def violations(shop: Shop) -> list[Violation]:
    found: list[Violation] = []
    for check in [*seat_checks(), *order_checks()]:
        found += await run_check(shop.process.database, "booking", check, wait_s=0)
    return found


@pytest.fixture
async def bought(shop: Shop, screening_id: UUID) -> Order:
    return await shop.buy(screening_id)


async def test_orders_of_every_kind_leave_nothing_to_complain_about(
    shop: Shop, screening_id: UUID, bought: Order
) -> None:
    card_id = shop.wallet.issue(5)
    hold = await shop.hold(screening_id, ["B1", "B2"], owner=ACCOUNT)
    mixed = await shop.place_by_card(hold, card_id, ["B1"])
    await shop.pay(mixed)
    await shop.drive(mixed)
    free = await shop.hold(screening_id, ["B3"], owner=ACCOUNT)
    await shop.drive(await shop.place_by_card(free, card_id, ["B3"]))
    given_up = await shop.place(screening_id, ["C1"])
    await shop.use.abandon_order(given_up.id, AS_GUEST, an_order_key(method="AbandonOrder"))
    await shop.drive(given_up)
    lapsed = await shop.place(screening_id, ["D1"])
    await shop.past_deadline()
    await shop.expire_due()
    await shop.drive(lapsed)
    await shop.process.expire_holds()
    rescued = await shop.place(screening_id, ["E1"])
    await shop.past_deadline()
    await shop.pay(rescued)
    await shop.drive(rescued)

    assert (await shop.read(bought)).state == "CONFIRMED"
    assert await violations(shop) == []


def in_legs(old: str, new: str) -> str:
    return f"UPDATE customer_order SET legs = replace(legs::text, '{old}', '{new}')::json"


def in_lines(old: str, new: str) -> str:
    """What was bought is never rewritten: the row has to go and come again."""
    return f"""
        DO $$ DECLARE gone customer_order; BEGIN
            SELECT * INTO gone FROM customer_order;
            DELETE FROM customer_order;
            gone.lines := replace(gone.lines::text, '{old}', '{new}')::json;
            INSERT INTO customer_order VALUES (gone.*);
        END $$"""


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE customer_order SET total = total + 1", "orders cost what their lines cost"),
        (in_legs('"amount": 6400', '"amount": 6399'), "legs carry what is due"),
        (in_legs('"PAYMENT"', '"GIFT"'), "lines and legs are whole"),
        (in_lines('"SERVICE_FEE"', '"PRICE"'), "every part of a line"),
        (in_lines('"price": 3000', '"price": -1'), "lines and legs are whole"),
        ("DELETE FROM payment_decision", "no ticket without its payment"),
        (in_legs('"DONE"', '"OPEN"'), "no ticket without its payment"),
        ("UPDATE customer_order SET state = 'EXPIRED'", "no ticket without its payment"),
        ("DELETE FROM ticket WHERE seat_id = 'A1'", "a ticket for each seat"),
        ("DELETE FROM seat_claim WHERE seat_id = 'A1'", "a ticket for each seat"),
        ("DELETE FROM customer_order", "sold seats belong to paid orders"),
        ("DELETE FROM mail", "every confirmation has its e-mail"),
    ],
)
async def test_each_wrong_is_seen(
    shop: Shop, bought: Order, statement: str, complaint: str
) -> None:
    assert bought.id
    await shop.process.database.execute(statement)

    found = {violation.check for violation in await violations(shop)}

    assert any(check.startswith(complaint) for check in found), found


async def test_what_is_late_is_seen(shop: Shop, screening_id: UUID) -> None:
    await shop.place(screening_id)
    await shop.past_deadline()

    found = {violation.check for violation in await violations(shop)}

    assert "no order is stuck" in found
