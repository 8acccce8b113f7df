"""Changes that nobody is locked out for are made to the truth all the same."""

import asyncio

import pytest

from services.common.errors import ConcurrentChangeError
from services.payment.adapters.changes import SqlChanges
from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect
from services.payment.domain.states import AttemptState, Decision, OrderStatus
from services.payment.use_cases.ports import Locked
from tests.integration.payment.fakes import report_of
from tests.integration.payment.shop import Shop


def one_more_step(found: Locked) -> Payment:
    assert found.payment is not None
    found.payment.attempts[1].step_count += 1
    return found.payment


def page_closed(found: Locked) -> Payment:
    assert found.payment is not None
    assert found.payment.attempts[1].close_page(found.now)
    return found.payment


async def test_no_change_is_lost_when_several_are_made_at_once(shop: Shop) -> None:
    payment = await shop.create()
    changes = SqlChanges(shop.database)

    await asyncio.gather(*(changes.by_id(payment.id, one_more_step) for _ in range(4)))

    assert (await shop.attempt()).step_count == 4


async def test_a_change_sees_what_a_transaction_under_the_lock_has_changed(shop: Shop) -> None:
    payment = await shop.create()
    changes = SqlChanges(shop.database)

    await asyncio.gather(
        changes.by_id(payment.id, one_more_step),
        shop.cases.cancel_payment("booking", shop.reference_id),
        changes.by_id(payment.id, one_more_step),
    )
    await shop.idle()

    assert (await shop.payment()).state == "CANCELLED"


async def test_a_change_that_is_always_too_late_gives_up(shop: Shop) -> None:
    payment = await shop.create()

    def spoiled(found: Locked) -> Payment:
        changed = one_more_step(found)
        changed.version -= 1
        return changed

    with pytest.raises(ConcurrentChangeError):
        await SqlChanges(shop.database).by_id(payment.id, spoiled)

    assert (await shop.attempt()).step_count == 0


async def test_news_of_a_payment_that_another_process_changed_finds_it_as_it_is(shop: Shop) -> None:
    payment = await shop.create()
    elsewhere = SqlChanges(shop.database)
    await elsewhere.by_id(payment.id, page_closed)

    effect = await shop.tell(OrderStatus.AUTHORIZED)

    assert effect is Effect.NOTED
    assert (await shop.attempt()).state is AttemptState.CANCELLED
    assert shop.owners.asked == []


async def test_news_that_come_twice_in_the_same_words_are_taken_in_once(shop: Shop) -> None:
    await shop.create()
    known = await shop.order()
    known.status = OrderStatus.AUTHORIZED
    words = b"x" * 32

    first = await shop.notify(report_of(known), digest=words)
    again = await shop.notify(report_of(known), digest=words)

    assert (first, again) == (Effect.AUTHORIZED, Effect.REPEATED)


async def test_a_new_payment_is_told_with_the_times_that_are_stored(shop: Shop) -> None:
    told = await shop.create()

    stored = await shop.payment()
    assert told.create_time == stored.create_time
    assert told.attempts[1].expire_time == stored.attempts[1].expire_time
    assert told.attempts[1].next_step_at == stored.attempts[1].next_step_at


async def test_a_decision_that_overtakes_nothing_is_kept_once(shop: Shop) -> None:
    await shop.authorized()

    await asyncio.gather(*(shop.tell(OrderStatus.AUTHORIZED) for _ in range(3)))

    assert (await shop.attempt()).decision is Decision.GRANT
    assert await shop.violations() == []
