"""The emulator as a process: killed with SIGKILL, started again on the same record."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientError

from tests.integration.payu_emulator.shop import Shop


@pytest.fixture
def environment(tmp_path: Path, points_of_sale_file: Path) -> dict[str, str]:
    return os.environ | {
        "PARTERRE_EMULATOR_LISTEN": "127.0.0.1:0",
        "PARTERRE_EMULATOR_STATE": str(tmp_path / "record.db"),
        "PARTERRE_EMULATOR_POINTS_OF_SALE_FILE": str(points_of_sale_file),
        "PARTERRE_EMULATOR_TEST_CLOCK": "true",
        "PARTERRE_EMULATOR_RETRY_FACTOR": "0.01",
    }


@asynccontextmanager
async def running(shop: Shop, environment: dict[str, str]) -> AsyncIterator[int]:
    """Run an emulator for this shop; yields its process id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "deploy.payu_emulator"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        shop.base = line.split()[-1]
        yield process.pid
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        await process.wait()
        await process.stdout.read()


async def test_what_was_answered_survives_kill_9(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    shop = idle_shop
    async with running(shop, environment) as pid:
        order_id = await shop.captured(extOrderId="booking-1")
        await shop.refund(order_id, amount="1000", extRefundId="refund-1")
        os.kill(pid, signal.SIGKILL)

    async with running(shop, environment):
        judged = await shop.judged(order_id)
        again = await shop.create(extOrderId="booking-1")

    assert (judged["status"], judged["captured"]) == ("COMPLETED", 6000)
    assert [refund["ext_refund_id"] for refund in judged["refunds"]] == ["refund-1"]
    assert again.body["orderId"] == order_id


async def test_every_acknowledged_capture_survives_kill_9_in_the_middle(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    shop = idle_shop
    acknowledged: list[str] = []

    async def sell(number: int, pid: int) -> None:
        with suppress(ClientError):
            order_id = await shop.captured(extOrderId=f"booking-{number}", notifyUrl=None)
            acknowledged.append(order_id)
            if len(acknowledged) == 20:
                os.kill(pid, signal.SIGKILL)

    async with running(shop, environment) as pid:
        await shop.order()
        await asyncio.gather(*(sell(number, pid) for number in range(80)))

    async with running(shop, environment):
        page = (await shop.control("GET", "/orders?limit=1000")).body["orders"]

    captured = {order["order_id"] for order in page if order["captured"] == 6000}
    assert len(acknowledged) >= 20
    assert set(acknowledged) <= captured


async def test_a_second_emulator_on_the_same_record_does_not_start(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    async with running(idle_shop, environment):
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "deploy.payu_emulator"),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await second.communicate()

    assert second.returncode == 1
    assert b"Another emulator" in errors


async def test_pending_notifications_are_delivered_after_kill_9(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    shop = idle_shop
    shop.answers = [500] * 3
    async with running(shop, environment) as pid:
        order_id = await shop.paid()
        await shop.notified(1)
        os.kill(pid, signal.SIGKILL)

    shop.answers = []
    async with running(shop, environment):
        notices = await shop.notified_until(
            lambda: shop.notices[-1].status == "WAITING_FOR_CONFIRMATION"
        )

    assert {notice.order_id for notice in notices} == {order_id}


async def test_a_token_outlives_a_restart(idle_shop: Shop, environment: dict[str, str]) -> None:
    shop = idle_shop
    async with running(shop, environment) as pid:
        order_id = await shop.order()
        os.kill(pid, signal.SIGKILL)

    async with running(shop, environment):
        status = await shop.status_of(order_id)

    assert status == "NEW"


async def test_faults_clock_and_behaviour_outlive_a_restart(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    shop = idle_shop
    async with running(shop, environment) as pid:
        await shop.fault("outage", on="capture")
        await shop.control("POST", "/clock", {"offset_seconds": 600})
        await shop.control("POST", "/behaviour", {"auto_pay_after_ms": 5})
        os.kill(pid, signal.SIGKILL)

    async with running(shop, environment):
        faults = (await shop.control("GET", "/faults")).body["faults"]
        clock = (await shop.control("GET", "/clock")).body
        behaviour = (await shop.control("GET", "/behaviour")).body

    assert [fault["kind"] for fault in faults] == ["outage"]
    assert clock["offset_seconds"] == 600
    assert behaviour["auto_pay_after_ms"] == 5


async def test_an_order_that_expired_while_it_was_down_is_cancelled_at_start(
    idle_shop: Shop, environment: dict[str, str]
) -> None:
    shop = idle_shop
    async with running(shop, environment) as pid:
        order_id = await shop.order(validityTime="1")
        os.kill(pid, signal.SIGKILL)

    async with running(shop, environment):
        notices = await shop.notified(1)

    assert (notices[0].order_id, notices[0].status) == (order_id, "CANCELED")


async def test_an_unknown_setting_is_refused_by_name(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "deploy.payu_emulator"),
        env=environment | {"PARTERRE_EMULATOR_LISTN": "127.0.0.1:1"},
        stderr=asyncio.subprocess.PIPE,
    )

    _, errors = await process.communicate()

    assert process.returncode == 78
    assert b"PARTERRE_EMULATOR_LISTN" in errors
