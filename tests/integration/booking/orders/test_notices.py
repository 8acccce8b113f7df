"""Buyers are told of what catalog changes: once for each order and change, whatever is killed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from asyncpg import Record

from services.booking.adapters.remedy_offers import RemedyOfferRows, remedy_offer_retention
from services.booking.adapters.screening_changes import screening_change_retention
from services.booking.domain.offered_remedy import OfferState
from services.booking.domain.order import Order
from services.booking.domain.remedy import RemedyKind
from services.booking.job_composition import screening_jobs
from tests.integration.booking.orders.changes import called_off, moved, now_of, tell, work
from tests.integration.booking.orders.conftest import Shop

SEATS = [f"{row}{number}" for row in "ABCDE" for number in range(1, 11)]


async def mails(shop: Shop, kind: str) -> Sequence[Record]:
    query = "SELECT key, recipient, facts::text AS facts FROM mail WHERE kind = $1 ORDER BY key"
    return await shop.process.database.fetch(query, kind)


async def buy_many(shop: Shop, screening_id: UUID, count: int) -> list[Order]:
    return [await shop.buy(screening_id, [SEATS[at]]) for at in range(count)]


@pytest.mark.rule("OTC-14.5a")
@pytest.mark.rule("OTC-33c")
async def test_each_order_gets_one_notice_and_knows_what_is_due(
    shop: Shop, screening_id: UUID
) -> None:
    orders = await buy_many(shop, screening_id, 3)
    start = orders[0].screening.start_time

    await tell(shop, await called_off(shop, screening_id, start), times=2)
    await work(shop)
    await work(shop)

    told = await mails(shop, "screening-cancelled")
    assert [row["key"] for row in told] == sorted(
        f"screening-cancelled:{order.id}:2" for order in orders
    )
    assert not any("ana@" in row["facts"] for row in told)
    read = await shop.read(orders[0])
    assert [entry.what for entry in read.timeline][-2:] == ["SCREENING_CANCELLED", "REMEDY_OFFERED"]
    offer = await RemedyOfferRows(shop.process.database).of(screening_id, orders[0].id)
    assert offer is not None
    assert (offer.kind, offer.state) == (RemedyKind.REFUND, OfferState.OPEN)


@pytest.mark.rule("OTC-14.5a")
async def test_a_few_minutes_are_told_too_and_give_nothing(shop: Shop, screening_id: UUID) -> None:
    (order,) = await buy_many(shop, screening_id, 1)

    await tell(shop, await moved(shop, screening_id, order, timedelta(minutes=5)))
    await work(shop)

    (told,) = await mails(shop, "screening-changed")
    assert '"remedy_kind": ""' in told["facts"]
    assert await RemedyOfferRows(shop.process.database).of(screening_id, order.id) is None


@pytest.mark.rule("OTC-33d")
async def test_an_order_that_is_paid_after_the_change_is_told_in_a_later_pass(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id, ["A1"])
    await tell(shop, await moved(shop, screening_id, order, timedelta(hours=2)))
    await work(shop)
    told_before = await mails(shop, "screening-changed")
    await shop.pay(order)
    await shop.drive(order)

    await shop.process.move_clock(61)
    await work(shop)

    assert told_before == []
    assert len(await mails(shop, "screening-changed")) == 1


@pytest.mark.rule("OTC-14.5a")
async def test_the_job_ends_when_nobody_can_be_paying_any_more(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id, ["A1"])
    await tell(shop, await moved(shop, screening_id, order, timedelta(hours=2)))
    for _ in range(3):
        await work(shop)
        await shop.process.move_clock(61)
    running = await shop.count("screening_job WHERE state = 'RUNNING'")
    await shop.past_deadline()
    await shop.expire_due()

    await work(shop)

    assert running == 1
    assert await shop.count("screening_job WHERE state = 'DONE'") == 1


@pytest.mark.rule("OTC-14.5a")
async def test_workers_that_are_killed_in_between_tell_everybody_once(
    shop: Shop, screening_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small batches; each worker dies before its second commit, several at the same time."""
    monkeypatch.setattr("services.booking.use_cases.run_screening_jobs.MAX_ORDERS_PER_BATCH", 2)
    orders = await buy_many(shop, screening_id, 7)
    await tell(shop, await called_off(shop, screening_id, orders[0].screening.start_time))
    run = screening_jobs(shop.process.database)

    async def killed() -> None:
        await run()
        task = asyncio.create_task(run())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    for _ in range(3):
        await asyncio.gather(killed(), killed())
    await work(shop)

    assert len(await mails(shop, "screening-cancelled")) == len(orders)
    stories = [[e.what for e in (await shop.read(order)).timeline] for order in orders]
    assert all(story.count("SCREENING_CANCELLED") == 1 for story in stories)


async def test_a_screening_that_nobody_asked_for_leaves_nothing_to_do(shop: Shop) -> None:
    await tell(shop, await called_off(shop, uuid4(), await now_of(shop)))

    assert await shop.count("screening_change") == 0
    assert await shop.count("screening_job") == 0


async def test_what_was_told_long_ago_is_forgotten_and_the_rest_is_not(
    shop: Shop, screening_id: UUID
) -> None:
    (order,) = await buy_many(shop, screening_id, 1)
    await tell(shop, await called_off(shop, screening_id, order.screening.start_time))
    await work(shop)
    await shop.process.move_clock(61)
    await work(shop)
    database, rules = (
        shop.process.database,
        [remedy_offer_retention(), screening_change_retention()],
    )
    tables = ("remedy_offer", "screening_change", "screening_job")

    for rule in rules:
        await database.execute(rule.sql, rule.term_s, 10)
    kept = [await shop.count(table) for table in tables]
    await database.execute("UPDATE remedy_offer SET state = 'TAKEN', next_at = NULL")
    for rule in rules:
        await database.execute(rule.sql, -10 * 24 * 3_600.0, 10)

    assert kept == [1, 1, 1]
    assert [await shop.count(table) for table in tables] == [0, 0, 0]


async def test_a_job_that_fails_waits_and_keeps_no_other_from_its_turn(
    shop: Shop, screening_id: UUID
) -> None:
    (order,) = await buy_many(shop, screening_id, 1)
    await tell(shop, await called_off(shop, screening_id, order.screening.start_time))
    await shop.process.database.execute(
        "INSERT INTO screening_job (screening_id, kind, version, state, total, created_at,"
        " pass_began_at, next_at) SELECT screening_id, kind, 99, state, total, created_at,"
        " pass_began_at, next_at - interval '1 second' FROM screening_job"
    )

    with pytest.raises(RuntimeError):
        await work(shop)
    await work(shop)

    assert len(await mails(shop, "screening-cancelled")) == 1
    failed = await shop.process.database.fetchval(
        "SELECT retries FROM screening_job WHERE version = 99"
    )
    assert failed == 1
