"""Refunds through the adapter, against the provider's emulator over HTTP."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.common.db.database import Database
from services.common.money import Money
from services.payment.adapters.payu.client import PayuLimits
from services.payment.domain.refund import Refund, RefundReason, RefundState
from services.payment.domain.states import PaymentState
from tests.integration.payment.test_with_emulator import Town, build, stack

__all__ = ["stack"]


@pytest.fixture
async def town(stack: AsyncExitStack, database: Database, tmp_path: Path) -> Town:
    return await build(stack, database, tmp_path, PayuLimits(call_timeout_ms=1_500))


async def captured(town: Town, **asked: Any) -> None:
    await town.shop.create(**asked)
    await town.pay()
    await town.until_granted()
    await town.shop.capture()
    await town.until(lambda it: it.state is PaymentState.CAPTURED)


async def refunded(town: Town, refund_id: UUID, minor_units: int = 6000) -> None:
    await town.shop.cases.refund_payment(
        "booking",
        town.shop.reference_id,
        refund_id,
        Money("RON", minor_units),
        RefundReason.CANCELLATION,
    )
    await town.shop.idle()


async def found(town: Town, refund_id: UUID) -> Refund:
    return await town.shop.cases.get_refund(None, refund_id)


@pytest.mark.rule("OTC-32b")
async def test_a_refund_is_notified_as_completed(town: Town) -> None:
    await captured(town)
    refund_id = uuid4()

    await refunded(town, refund_id)
    await town.until_counted("COMPLETED", 1)

    assert (await found(town, refund_id)).state is RefundState.COMPLETED
    record = await town.judged()
    assert (record["refunded"], record["status"]) == (6000, "COMPLETED")
    assert await town.shop.violations() == []


async def test_two_equal_refunds_of_one_payment_are_two(town: Town) -> None:
    await captured(town)

    await refunded(town, uuid4(), 3000)
    await refunded(town, uuid4(), 3000)
    await town.until_counted("COMPLETED", 2)

    assert (await town.judged())["refunded"] == 6000


async def test_a_refund_that_fails_later_is_made_again_under_a_new_name(town: Town) -> None:
    await captured(town)
    await town.fault("refund_canceled", error_code="PROVIDER_DECLINED", times=1)
    refund_id = uuid4()

    await refunded(town, refund_id)
    await town.until_counted("TO_BE_PROVED", 1)
    await town.shop.idle()
    failed = await found(town, refund_id)
    await town.shop.step()
    await town.until_counted("COMPLETED", 1)

    assert (failed.state, failed.failure_code) == (RefundState.REQUESTED, "PROVIDER_DECLINED")
    record = await town.judged()
    assert [(each["ext_refund_id"], each["status"]) for each in record["refunds"]] == [
        (str(refund_id), "CANCELED"),
        (f"{refund_id}.2", "FINALIZED"),
    ]
    assert record["refunded"] == 6000
    assert (await found(town, refund_id)).state is RefundState.COMPLETED


async def test_no_balance_in_a_normal_answer_is_not_taken_for_a_refund(town: Town) -> None:
    await captured(town)
    await town.fault("no_balance", times=1)
    refund_id = uuid4()

    await refunded(town, refund_id)
    waiting = await found(town, refund_id)
    await town.shop.step()
    await town.until_counted("COMPLETED", 1)

    assert (waiting.state, waiting.failure_code) == (RefundState.REQUESTED, "NO_BALANCE")
    assert (await town.judged())["refunded"] == 6000


async def test_a_lost_answer_to_a_refund_gives_back_once(town: Town) -> None:
    await captured(town)
    await town.fault("lost_answer", on="refund", times=1)
    refund_id = uuid4()

    await refunded(town, refund_id)
    await town.shop.step()

    record = await town.judged()
    assert len(record["refunds"]) == 1


async def test_a_lost_notification_of_a_refund_is_made_up_for_by_asking(town: Town) -> None:
    await captured(town)
    await town.fault("drop", status="FINALIZED")
    await town.control("POST", "/behaviour", {"refund_delay_ms": 0})
    refund_id = uuid4()

    await refunded(town, refund_id)
    await town.shop.step()
    await town.shop.step()

    assert (await found(town, refund_id)).state is RefundState.COMPLETED


@pytest.mark.rule("OTC-13b")
async def test_money_taken_behind_our_back_is_refunded_in_full(town: Town) -> None:
    await town.shop.create()
    await town.fault("drop", status="WAITING_FOR_CONFIRMATION")
    await town.pay()
    record = await town.judged()
    client = town.provider._clients["300746"]
    await client.call("POST", f"/api/v2_1/orders/{record['order_id']}/captures")

    await town.until_counted("QUARANTINED", 1)
    await town.shop.step()
    await town.until_counted("COMPLETED", 1)

    assert await town.shop.exceptions() == ["CAPTURED_WITHOUT_GRANT"]
    assert await town.shop.open_exceptions() == []
    assert (await town.judged())["refunded"] == 6400
    assert await town.shop.violations() == []
