"""One process sees the provider fail, all leave it alone; one finds it again, all call again."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cinema.payment.v1 import events_pb2

from services.common.db.database import Database
from services.payment.adapters.availability import SqlAvailability
from services.payment.adapters.payu.client import PayuLimits
from services.payment.adapters.payu.provider import PayuProvider
from services.payment.domain.errors import ProviderUnavailableError
from services.payment.handlers.availability_loop import AvailabilityLoop
from services.payment.use_cases.ports import ProviderDownError
from tests.integration.payment.test_with_emulator import Town, build, stack

__all__ = ["stack"]
LIMITS = PayuLimits(max_failures_in_a_row=2, breaker_open_ms=60_000)
Kind = events_pb2.ProviderAvailabilityChanged


@pytest.fixture
async def town(stack: AsyncExitStack, database: Database, tmp_path: Path) -> Town:
    await database.execute("DELETE FROM provider_availability")
    await database.execute("DELETE FROM outbox WHERE type = 'ProviderAvailabilityChanged'")
    return await build(stack, database, tmp_path, LIMITS)


def loop_of(town: Town, provider: PayuProvider) -> AvailabilityLoop:
    return AvailabilityLoop(provider, SqlAvailability(town.shop.database, first_probe_wait_s=0.0))


async def told(town: Town) -> list[tuple[str, int, int]]:
    rows = await town.shop.database.fetch(
        "SELECT aggregate_id, aggregate_version, payload FROM outbox"
        " WHERE type = 'ProviderAvailabilityChanged' ORDER BY aggregate_version"
    )
    return [
        (
            row["aggregate_id"],
            row["aggregate_version"],
            Kind.FromString(row["payload"]).availability,
        )
        for row in rows
    ]


async def fail_twice(town: Town) -> None:
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await town.shop.create()


@pytest.mark.rule("OTC-43")
async def test_all_processes_follow_the_one_that_saw_it(town: Town) -> None:
    here = loop_of(town, town.provider)
    other = PayuProvider(
        town.provider.session, town.address, "", town.provider.points_of_sale, LIMITS
    )
    there = loop_of(town, other)
    await town.fault("answer", http_status=503, body="html")

    await fail_twice(town)
    await here.run_once()
    await there.run_once()
    down_there = list(other.open_breakers())
    await town.control("DELETE", "/faults")
    await there.run_once()
    await here.run_once()

    assert down_there == ["300746"]
    assert list(other.open_breakers()) == list(town.provider.open_breakers()) == []
    assert await told(town) == [
        ("RON", 1, Kind.AVAILABILITY_UNAVAILABLE),
        ("RON", 2, Kind.AVAILABILITY_AVAILABLE),
    ]
    assert (await town.shop.create()).attempts[1].redirect_url


async def test_it_is_told_once_however_often_it_fails(town: Town) -> None:
    here = loop_of(town, town.provider)
    await town.fault("outage")
    await fail_twice(town)

    for _ in range(3):
        await here.run_once()

    assert await told(town) == [("RON", 1, Kind.AVAILABILITY_UNAVAILABLE)]


async def test_only_one_process_probes_at_a_time(town: Town) -> None:
    shared = SqlAvailability(town.shop.database, first_probe_wait_s=0.0, probe_s=60.0)
    await shared.gone_down("RON")

    taken = [await shared.take_probe("RON") for _ in range(3)]

    assert taken == [True, False, False]


async def test_a_question_is_repeated_within_the_budget_and_a_capture_is_not(town: Town) -> None:
    await town.shop.create()
    order_id = (await town.shop.attempt()).provider_order_id or ""
    await town.fault("answer", on="read", http_status=429, times=1)
    await town.fault("answer", on="capture", http_status=429, times=1)

    report = await town.provider.read_order("300746", order_id)
    with pytest.raises(ProviderDownError):
        await town.provider.capture_order("300746", order_id)

    assert report is not None
    assert (await town.control("GET", "/faults"))["faults"] == []


async def test_who_waits_longer_and_longer_is_looked_after_when_it_is_back(town: Town) -> None:
    shared = SqlAvailability(town.shop.database, first_probe_wait_s=0.0)
    await town.shop.create()
    await town.pay()
    await town.until_granted()
    await town.fault("answer", on="capture", http_status=503, times=1)
    await shared.gone_down("RON")
    await town.shop.capture()
    await town.shop.database.execute(
        "UPDATE payment_attempt SET next_step_at = app_clock() + interval '1 minute'"
        " WHERE reference_id = $1",
        town.shop.reference_id,
    )

    await shared.come_back("RON")

    due = await town.shop.database.fetchval(
        "SELECT next_step_at <= app_clock() FROM payment_attempt WHERE reference_id = $1",
        town.shop.reference_id,
    )
    assert due
