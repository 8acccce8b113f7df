"""Refund vouchers: asked for by booking's event, shown by code, sent once."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import events_pb2 as booking_events
from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import events_pb2
from cinema.wallet.v1 import tender_service_pb2 as tender_pb2
from cinema.wallet.v1 import voucher_service_pb2 as pb

from services.common.bus.apply import Applier
from services.common.bus.events import Event
from services.wallet.composition import subscriptions
from services.wallet.domain.codes import is_well_formed, normalise
from tests.kit.wallet_server import Wallet, as_account, as_booking, as_guest, refused


def an_event(
    remedy_id: UUID | None = None,
    *,
    value: int = 6_000,
    version: int = 1,
    order_id: UUID | None = None,
) -> Event:
    order_id = order_id or uuid4()
    message = booking_events.RefundVoucherRequested(
        order_id=str(order_id),
        remedy_id=str(remedy_id or uuid4()),
        value=money_pb2.Money(currency_code="RON", minor_units=value),
        last_screening_date="2027-11-20",
    )
    return Event(
        source="booking",
        id=uuid4(),
        type="RefundVoucherRequested",
        aggregate_id=str(order_id),
        aggregate_version=version,
        feed_number=1,
        occur_time=datetime.now(UTC),
        correlation_id="request-1",
        traceparent="",
        payload=message.SerializeToString(),
    )


def an_applier(wallet: Wallet) -> Applier:
    subscription, _ = subscriptions(wallet.parts)
    return Applier(subscription, wallet.database)


async def voucher_id_of(wallet: Wallet) -> str:
    return str(await wallet.database.fetchval("SELECT id FROM voucher"))


async def code_of(wallet: Wallet, voucher_id: str) -> str:
    request = tender_pb2.GetVoucherCodeRequest(voucher_id=voucher_id)
    answer = await wallet.tenders.GetVoucherCode(request, metadata=as_booking())
    return str(answer.voucher_code)


@pytest.mark.rule("OTC-33b")
async def test_the_same_event_ten_times_issues_one_voucher_of_that_value(wallet: Wallet):
    event = an_event(value=6_000)

    for _ in range(5):
        await an_applier(wallet).apply([event, event])

    rows = await wallet.database.fetch("SELECT value_minor_units, left_minor_units FROM voucher")
    told = await wallet.database.fetch("SELECT * FROM outbox WHERE type = 'VoucherIssued'")
    assert [tuple(row) for row in rows] == [(6_000, 6_000)]
    assert len(told) == 1
    issued = events_pb2.VoucherIssued.FromString(told[0]["payload"])
    assert issued.voucher_id == await voucher_id_of(wallet)
    assert (issued.value.currency_code, issued.value.minor_units) == ("RON", 6_000)
    assert told[0]["aggregate_version"] == 1


async def test_ten_consumers_at_once_issue_one_voucher(wallet: Wallet):
    event = an_event()

    await asyncio.gather(*(an_applier(wallet).apply([event]) for _ in range(10)))

    assert await wallet.database.fetchval("SELECT count(*) FROM voucher") == 1


@pytest.mark.rule("OTC-33b")
async def test_other_events_for_the_same_remedy_issue_nothing_more(wallet: Wallet):
    remedy_id, order_id = uuid4(), uuid4()
    applier = an_applier(wallet)

    for version in (1, 2, 3):
        await applier.apply([an_event(remedy_id, order_id=order_id, version=version)])

    assert await wallet.database.fetchval("SELECT count(*) FROM voucher") == 1
    assert await wallet.database.fetchval("SELECT count(*) FROM voucher_entry") == 1
    assert await wallet.database.fetchval("SELECT count(*) FROM dead_event") == 0


@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-44")
@pytest.mark.parametrize("seed", range(3))
async def test_ten_times_out_of_order_and_once_more_from_the_feed_it_is_one_voucher(
    wallet: Wallet, seed: int
) -> None:
    """Three consumers take ten copies as they come; then the bus is new, and all comes again."""
    order_id, request = uuid4(), an_event(version=3)
    before = [an_event(version=version, order_id=order_id) for version in (1, 2)]
    request = replace(request, aggregate_id=str(order_id))
    before = [replace(each, type="OrderPlaced") for each in before]
    copies = [*before, *[request] * 10]
    random.Random(seed).shuffle(copies)  # noqa: S311 - replayable.

    await asyncio.gather(*(an_applier(wallet).apply(copies[part::3]) for part in range(3)))
    for event in [*before, request]:
        await an_applier(wallet).apply([event])

    assert await wallet.database.fetchval("SELECT count(*) FROM voucher") == 1
    assert await wallet.database.fetchval("SELECT count(*) FROM voucher_entry") == 1
    assert await wallet.database.fetchval("SELECT count(*) FROM parked_event") == 0
    told = "SELECT count(*) FROM outbox WHERE type = 'VoucherIssued'"
    assert await wallet.database.fetchval(told) == 1


async def test_a_remedy_that_asks_for_another_value_goes_to_the_dead_events(wallet: Wallet):
    remedy_id, order_id = uuid4(), uuid4()
    applier = an_applier(wallet)
    await applier.apply([an_event(remedy_id, order_id=order_id, value=6_000)])

    await applier.apply([an_event(remedy_id, order_id=order_id, value=9_000, version=2)])

    assert await wallet.database.fetchval("SELECT value_minor_units FROM voucher") == 6_000
    assert await wallet.database.fetchval("SELECT count(*) FROM dead_event") == 1


async def test_an_event_without_a_value_goes_to_the_dead_events(wallet: Wallet):
    await an_applier(wallet).apply([an_event(value=0)])

    assert await wallet.database.fetchval("SELECT count(*) FROM voucher") == 0
    assert await wallet.database.fetchval("SELECT count(*) FROM dead_event") == 1


async def test_the_code_is_given_to_booking_and_every_time_audited(wallet: Wallet):
    await an_applier(wallet).apply([an_event()])
    voucher_id = await voucher_id_of(wallet)

    first = await code_of(wallet, voucher_id)
    second = await code_of(wallet, voucher_id)

    audit = await wallet.database.fetch("SELECT actor, action, subject FROM audit")
    assert first == second
    assert is_well_formed(normalise(first))
    assert [tuple(row) for row in audit] == [
        ("service:booking", "GetVoucherCode", f"voucher/{voucher_id}")
    ] * 2


async def test_nobody_but_booking_gets_the_code(wallet: Wallet):
    await an_applier(wallet).apply([an_event()])
    request = tender_pb2.GetVoucherCodeRequest(voucher_id=await voucher_id_of(wallet))

    answer = await refused(wallet.tenders.GetVoucherCode(request, metadata=as_account(uuid4())))

    assert answer.code is grpc.StatusCode.PERMISSION_DENIED


async def test_the_code_of_an_unknown_voucher_is_not_found(wallet: Wallet):
    answer = await refused(code_of(wallet, str(uuid4())))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "VOUCHER_NOT_FOUND")


@pytest.mark.rule("OTC-33b")
async def test_a_guest_sees_the_voucher_by_its_code_however_it_is_typed(wallet: Wallet):
    await an_applier(wallet).apply([an_event(value=6_000)])
    code = await code_of(wallet, await voucher_id_of(wallet))
    request = pb.GetVoucherRequest(voucher_code=code.lower().replace("-", " "))

    answer = await wallet.vouchers.GetVoucher(request, metadata=as_guest())

    assert (answer.voucher.value.minor_units, answer.voucher.left.minor_units) == (6_000, 6_000)
    assert answer.voucher.last_screening_date == "2027-11-20"


async def test_an_unknown_code_is_not_found(wallet: Wallet):
    request = pb.GetVoucherRequest(voucher_code="ABCD-EFGH")

    answer = await refused(wallet.vouchers.GetVoucher(request, metadata=as_guest()))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "VOUCHER_NOT_FOUND")


async def test_no_voucher_code_is_readable_in_database_events_or_log(wallet: Wallet):
    await an_applier(wallet).apply([an_event()])
    code = await code_of(wallet, await voucher_id_of(wallet))

    rows = [
        str(await wallet.database.fetch(f"SELECT t::text FROM {table} t"))
        for table in ("voucher", "voucher_entry", "outbox", "audit", "inbox")
    ]

    for written in (*rows, wallet.log.getvalue()):
        assert code not in written
        assert normalise(code) not in written
        assert normalise(code).encode().hex() not in written
