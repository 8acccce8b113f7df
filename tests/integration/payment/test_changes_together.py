"""Changes that come together share a statement, and each ends as if it had been alone."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.common.db.database import Database
from services.payment.adapters.changes import SqlChanges
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect
from services.payment.domain.states import OrderStatus, PaymentState
from services.payment.use_cases.change_ports import Change
from services.payment.use_cases.ports import Locked, NotificationFacts
from tests.integration.payment.fakes import FakeOrder, report_of
from tests.integration.payment.shop import OPENING, PRICE, Shop


def one_more_step(found: Locked) -> Payment:
    assert found.payment is not None
    found.payment.attempts[1].step_count += 1
    return found.payment


async def payments_of(shop: Shop, count: int) -> list[Payment]:
    payments = []
    for _ in range(count):
        shop.reference_id = uuid4()
        payments.append(await shop.create())
    return payments


async def change_all(
    changes: SqlChanges, payments: Sequence[Payment]
) -> list[Payment | BaseException | None]:
    """Change them at once: the first one goes alone, the others while it is under way."""
    return await asyncio.gather(
        *(changes.following(payment, one_more_step) for payment in payments),
        return_exceptions=True,
    )


async def steps_and_transactions(
    database: Database, payments: Sequence[Payment]
) -> tuple[list[int], int]:
    """Tell how many steps each took, and how many transactions wrote them."""
    rows = await database.fetch(
        "SELECT step_count, a.xmin::text AS by, p.xmin::text AS by_too FROM payment p"
        " JOIN payment_attempt a ON payment_id = p.id WHERE p.id = ANY($1::uuid[])",
        [payment.id for payment in payments],
    )
    assert all(row["by"] == row["by_too"] for row in rows)
    return [row["step_count"] for row in rows], len({row["by"] for row in rows})


async def test_changes_that_come_while_one_is_stored_share_the_next_statement(shop: Shop) -> None:
    payments = await payments_of(shop, 4)

    await change_all(SqlChanges(shop.database), payments)

    steps, transactions = await steps_and_transactions(shop.database, payments)
    assert (steps, transactions) == ([1, 1, 1, 1], 2)


async def test_who_has_locked_a_payment_keeps_no_other_waiting(shop: Shop) -> None:
    payments = await payments_of(shop, 4)
    changes = SqlChanges(shop.database)

    async with shop.database.transaction() as tx:
        locked = payments[2]
        await tx.driver.execute("SELECT FROM payment WHERE id = $1 FOR UPDATE", locked.id)
        first, second, waiting, last = (
            asyncio.create_task(changes.following(payment, one_more_step)) for payment in payments
        )
        await asyncio.gather(first, second, last)
        assert not waiting.done()

    await waiting
    assert (await steps_and_transactions(shop.database, payments))[0] == [1, 1, 1, 1]
    others = [payments[0], payments[1], payments[3]]
    assert (await steps_and_transactions(shop.database, others))[1] == 2


async def test_two_changes_of_one_payment_are_both_made_one_after_the_other(shop: Shop) -> None:
    first, twice = await payments_of(shop, 2)
    changes = SqlChanges(shop.database)
    same = await shop.cases.get_payment("booking", twice.reference_id)

    await change_all(changes, [first, twice, same])

    steps, _ = await steps_and_transactions(shop.database, [twice])
    assert steps == [2]
    assert (await shop.cases.get_payment("booking", twice.reference_id)).version == 4


async def test_an_older_payment_among_others_is_read_and_changed_again(shop: Shop) -> None:
    payments = await payments_of(shop, 3)
    elsewhere = await shop.cases.get_payment("booking", payments[-1].reference_id)
    await SqlChanges(shop.database).following(elsewhere, one_more_step)

    await change_all(SqlChanges(shop.database), payments)

    steps, _ = await steps_and_transactions(shop.database, payments)
    assert sorted(steps) == [1, 1, 2]


async def captures_sent(shop: Shop, count: int) -> list[FakeOrder]:
    """Bring payments so far that only the provider's last word is missing."""
    orders = []
    for _ in range(count):
        shop.reference_id = uuid4()
        await shop.authorized()
        await shop.capture()
        orders.append(await shop.order())
    return orders


def digest_of(order: FakeOrder) -> bytes:
    return hashlib.sha256(order.order_id.encode()).digest()


async def tell_all(shop: Shop, orders: Sequence[FakeOrder]) -> list[object]:
    """Tell of all these orders at once that the money is taken."""
    told = []
    for known in orders:
        known.status = OrderStatus.CAPTURED
        told.append(shop.notify(report_of(known), digest=digest_of(known)))
    return list(await asyncio.gather(*told))


@pytest.mark.rule("OTC-13b")
async def test_captures_that_are_told_of_together_are_booked_each_and_told_once(shop: Shop) -> None:
    orders = await captures_sent(shop, 4)

    effects = await tell_all(shop, orders)

    assert effects == [Effect.CAPTURED] * 4
    for known in orders:
        shop.reference_id = reference_of(known)
        assert (await shop.payment()).captured == PRICE.minor_units
        assert await shop.events() == ["PaymentAuthorized", "PaymentConfirmed"]
        assert (await shop.balances())["provider_clearing"] == PRICE.minor_units
    assert await shop.violations() == []


async def test_a_notification_that_is_known_changes_nothing_and_spoils_no_other(shop: Shop) -> None:
    *new, known = await captures_sent(shop, 4)
    await shop.database.execute(
        "INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)"
        " VALUES ($1, '', '', '', '', '')",
        digest_of(known),
    )

    effects = await tell_all(shop, [*new, known])

    assert effects == [Effect.CAPTURED] * 3 + [Effect.REPEATED]
    shop.reference_id = reference_of(known)
    assert (await shop.payment()).state is PaymentState.CAPTURING


def reference_of(known: FakeOrder) -> UUID:
    return UUID(known.order.ext_order_id.removesuffix("-1"))


def opening_of(reference_id: UUID) -> Change:
    def open_attempt(found: Locked) -> Payment:
        payment = Payment(uuid4(), "booking", reference_id, PRICE, found.now)
        expire_time = found.now + timedelta(seconds=580)
        attempt = PaymentAttempt(1, reference_id, "300746", False, expire_time, OPENING)
        payment.open_attempt(attempt, found.now)
        return payment

    return open_attempt


async def add_all(changes: SqlChanges, references: Sequence[UUID]) -> list[Payment | None]:
    adding = (changes.by_new_reference("booking", each, opening_of(each)) for each in references)
    return list(await asyncio.gather(*adding))


async def test_new_payments_that_come_together_are_added_by_one_statement(shop: Shop) -> None:
    references = [uuid4() for _ in range(4)]

    added = await add_all(SqlChanges(shop.database), references)

    payments = [payment for payment in added if payment is not None]
    assert [payment.reference_id for payment in payments] == references
    assert await steps_and_transactions(shop.database, payments) == ([0, 0, 0, 0], 2)
    stored = [await shop.cases.get_payment("booking", each) for each in references]
    assert [each.create_time for each in payments] == [each.create_time for each in stored]
    assert [each.attempts for each in payments] == [each.attempts for each in stored]


async def test_a_payment_that_comes_twice_among_others_is_added_once(shop: Shop) -> None:
    references = [uuid4(), shop.reference_id, shop.reference_id]

    first, *same = await asyncio.gather(
        *(
            shop.cases.create_payment(replace(shop.asked(), reference_id=reference_id))
            for reference_id in references
        )
    )

    assert first.id not in {each.id for each in same}
    assert len({each.id for each in same}) == 1
    assert len(shop.provider.orders) == 2


async def test_news_of_nothing_that_come_together_are_kept_by_one_statement(shop: Shop) -> None:
    inbox = SqlChanges(shop.database).inbox
    digests = [digest for digest in (os.urandom(32) for _ in range(3)) for _ in range(2)]

    kept = await asyncio.gather(
        *(
            inbox.add(NotificationFacts(digest, "1", "ours", "theirs", "PENDING"), Effect.NOTED)
            for digest in digests
        )
    )

    rows = await shop.database.fetch(
        "SELECT xmin::text AS by FROM notification WHERE digest = ANY($1::bytea[])", digests
    )
    assert sorted(kept) == [False] * 3 + [True] * 3
    assert (len(rows), len({row["by"] for row in rows})) == (3, 2)
