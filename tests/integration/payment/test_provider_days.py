"""A day of the books against the provider's own list."""

from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.common.db.database import Database
from services.payment.adapters.audit import SqlAudit
from services.payment.adapters.payu.client import PayuLimits
from services.payment.adapters.provider_days import HttpProviderList, SqlDays
from services.payment.adapters.transactions import SqlTransactions
from services.payment.domain.states import PaymentState
from services.payment.handlers.audit_loop import AuditLoop
from services.payment.use_cases.audit_ports import ProviderDay
from services.payment.use_cases.compare_days import CompareDays
from services.payment.use_cases.ports import PointOfSale
from tests.integration.payment.test_with_emulator import Town, build, stack

__all__ = ["stack"]
SHOP = PointOfSale("300746", "RON", auto_receive=False)


@pytest.fixture
async def town(stack: AsyncExitStack, database: Database, tmp_path: Path) -> Town:
    return await build(stack, database, tmp_path, PayuLimits())


def comparison(town: Town) -> CompareDays:
    database = town.shop.database
    listed = HttpProviderList(town.provider.session, f"{town.address}/emulator/settlement")
    return CompareDays(SqlTransactions(database), town.provider, listed, SqlDays(database))


async def compared(town: Town) -> tuple[ProviderDay, list[str]]:
    """Today's comparison, and what it says about this shop's orders."""
    day = await comparison(town)(SHOP, today())
    return day, await town.shop.exceptions()


def today() -> date:
    return datetime.now(UTC).date()


async def captured(town: Town) -> None:
    await town.shop.create()
    await town.pay()
    await town.until_granted()
    await town.shop.capture()
    await town.until(lambda it: it.state is PaymentState.CAPTURED)


async def test_a_day_on_which_all_agree(town: Town) -> None:
    await captured(town)

    day, differences = await compared(town)

    assert (day.orders, day.captured.minor_units) == (1, 6400)
    assert differences == []
    assert town.shop.reference_id is not None
    assert [each.pos_id for each in await SqlAudit(town.shop.database).provider_days(5)] == [
        "300746"
    ]


async def test_what_only_the_provider_has_is_named_once(town: Town) -> None:
    await town.shop.create()
    await town.fault("drop")
    await town.pay()
    order = await town.judged()
    client = town.provider._clients["300746"]
    await client.call("POST", f"/api/v2_1/orders/{order['order_id']}/captures")

    await compared(town)
    _, differences = await compared(town)

    assert differences == ["LIST_DIFFERS"]


async def test_what_only_we_have_is_asked_for_and_named(town: Town) -> None:
    await captured(town)
    await town.control("POST", "/reset")

    _, differences = await compared(town)

    assert differences == ["LIST_DIFFERS"]


async def test_a_finished_day_is_compared_by_the_worker_once(town: Town) -> None:
    await captured(town)
    await town.shop.database.execute("DELETE FROM provider_day")
    loop = AuditLoop(SqlAudit(town.shop.database), comparison(town), [SHOP])

    await loop.run_once()

    assert today() not in [each.day for each in await SqlAudit(town.shop.database).provider_days(9)]
