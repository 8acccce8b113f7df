"""What names persons goes when its term is over, and not while something is open."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.adapters.personal_data_retention import personal_data_rules
from services.booking.config import BookingSettings
from services.booking.domain.order import Order
from services.common.db.retention import delete_expired
from tests.integration.booking.orders.conftest import Shop

DAY_S = 24 * 3_600
# Until the sample screenings are over for certain.
YEAR_S = 366 * DAY_S


async def run(shop: Shop, **terms: int) -> dict[str, int]:
    options: dict[str, Any] = {"contacts_kept_days": 1_095, **terms}
    settings = BookingSettings(**options)
    return await delete_expired(shop.process.database, personal_data_rules(settings))


async def emails(shop: Shop) -> list[str]:
    rows = await shop.process.database.fetch(
        "SELECT c.email, o.state FROM order_contact c JOIN customer_order o ON o.id = c.order_id"
        " WHERE c.email <> ''"
    )
    return sorted(row["state"] for row in rows)


async def complaint(shop: Shop, order: Order, kind: str) -> None:
    await shop.process.database.execute(
        """
        INSERT INTO complaint (id, number, kind, scope, body, screening_id, order_id, order_number,
            cinema_id, owner, reply_email, language, received_at, purchased_at, is_late, due_date,
            overdue_at)
        SELECT $1, 'C-' || $2::text, $2, 'OTHER', 'Loud.', $3, $4, 'K7QF-3M2D', 'iulius-cluj', 'guest:1',
            'ana@example.test', 'ro', app_clock(), t.at, t.late, t.due, t.at
        FROM (SELECT CASE WHEN $2 = 'COMPLAINT' THEN app_clock() END AS at,
                     CASE WHEN $2 = 'COMPLAINT' THEN false END AS late,
                     CASE WHEN $2 = 'COMPLAINT' THEN current_date END AS due) t
        """,
        uuid4(),
        kind,
        order.screening_id,
        order.id,
    )


@pytest.mark.rule("OTC-48.9")
async def test_contacts_of_unpaid_orders_go_first_and_the_others_when_claims_have_lapsed(
    shop: Shop, screening_id: UUID
) -> None:
    await shop.buy(screening_id)
    left = await shop.place(screening_id, ["B1"])
    await shop.past_deadline(60)
    await shop.expire_due()
    await shop.drive(left)
    too_soon = (await run(shop), await emails(shop))
    await shop.process.move_clock(YEAR_S)

    first = (await run(shop), await emails(shop))
    again = await run(shop)
    await shop.process.move_clock(1_095 * DAY_S)
    last = (await run(shop), await emails(shop))

    assert too_soon[0]["unpaid_contact"] == 0
    assert too_soon[1] == ["CONFIRMED", "EXPIRED"]
    assert (first[0]["unpaid_contact"], first[1]) == (1, ["CONFIRMED"])
    assert again["unpaid_contact"] == again["contact"] == 0
    assert (last[0]["contact"], last[1]) == (1, [])
    assert await shop.count("customer_order") == 2


@pytest.mark.rule("OTC-48.9")
async def test_contacts_stay_while_a_complaint_of_their_screening_is_open(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await complaint(shop, order, "COMPLAINT")
    await shop.process.move_clock(YEAR_S)

    while_open = (await run(shop, contacts_kept_days=30), await emails(shop))
    await shop.process.database.execute(
        "UPDATE complaint SET decision = 'REJECTED', answer = 'No.', answered_at = app_clock()"
    )
    afterwards = (await run(shop, contacts_kept_days=30), await emails(shop))

    assert (while_open[0]["contact"], while_open[1]) == (0, ["CONFIRMED"])
    assert (afterwards[0]["contact"], afterwards[1]) == (1, [])


@pytest.mark.rule("OTC-48.9")
async def test_words_of_complaints_go_after_their_answer_and_comments_after_a_while(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    await complaint(shop, order, "COMPLAINT")
    await complaint(shop, order, "COMMENT")
    await shop.process.move_clock(366 * DAY_S)
    comments = await run(shop)
    await shop.process.database.execute(
        "UPDATE complaint SET decision = 'REJECTED', answer = 'No.', answered_at = app_clock()"
        " WHERE kind = 'COMPLAINT'"
    )
    kept = await run(shop)
    await shop.process.move_clock(1_096 * DAY_S)

    gone = await run(shop)

    rows = await shop.process.database.fetch("SELECT kind, body, reply_email FROM complaint")
    assert (comments["comment"], comments["complaint"]) == (1, 0)
    assert kept["complaint"] == 0
    assert gone["complaint"] == 1
    assert [(row["body"], row["reply_email"]) for row in rows] == [("", "")] * 2


@pytest.mark.rule("OTC-48.9")
async def test_a_consent_is_kept_until_long_after_it_was_withdrawn(shop: Shop) -> None:
    account_id, database = uuid4(), shop.process.database
    add = (
        "INSERT INTO privacy_choice (id, account_id, kind, is_given, text_version, legal_capacity,"
        " chosen_by) VALUES ($1, $2, 'MARKETING', $3, '1', true, 'owner')"
    )
    await database.execute(add, uuid4(), account_id, True)
    await shop.process.move_clock(10 * YEAR_S)
    while_it_holds = await run(shop)
    await database.execute(add, uuid4(), account_id, False)
    just_withdrawn = await run(shop)
    await shop.process.move_clock(1_096 * DAY_S)

    afterwards = await run(shop)

    left = await database.fetch("SELECT is_given FROM privacy_choice")
    assert while_it_holds["privacy_choice"] == just_withdrawn["privacy_choice"] == 0
    assert afterwards["privacy_choice"] == 1
    assert [row["is_given"] for row in left] == [False]
