"""What staff do with the programme, through the calls, on a real PostgreSQL."""

import asyncio
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import (
    price_pb2,
    programme_service_pb2,
    sales_facts_service_pb2,
    seat_plan_pb2,
)
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.json_format import ParseDict

from services.catalog.checks import checks
from services.common.db.checks import run_check
from services.common.rpc.errors import Refusal, refusal_of
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_feed,
    a_line,
    a_plan,
    a_seat,
    an_event,
    money,
    prices,
    terms,
)
from tests.kit.catalog import Catalog, Metadata, new_request_id


async def a_sold_screening(catalog: Catalog) -> Screening:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    return await the_screening(catalog)


async def the_screening(catalog: Catalog) -> Screening:
    (screening,) = await catalog.screenings(CINEMA_ID, DAY)
    return screening


async def start(catalog: Catalog, screening: Screening, minutes: int = 10) -> None:
    """Move the clock to so many minutes after the start."""
    await catalog.database.execute(
        """UPDATE app_clock_offset SET offset_seconds = extract(epoch FROM
           (SELECT starts_at FROM screening WHERE id = $1) - clock_timestamp()) + $2""",
        screening.id,
        minutes * 60.0,
    )


def termination(screening: Screening, **changes: Any) -> pb.TerminateScreeningRequest:
    values: dict[str, Any] = {
        "screening_id": screening.id,
        "etag": screening.etag,
        "reason": "The projector broke.",
        "attributable": True,
        "request_id": new_request_id(),
    }
    return pb.TerminateScreeningRequest(**values | changes)


async def refusal(call: Any) -> tuple[grpc.StatusCode, Refusal]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), refusal_of(caught.value)


async def assert_checks_pass(catalog: Catalog) -> None:
    for check in checks():
        found = await run_check(catalog.database, "catalog", check, wait_s=0)
        assert [violation for violation in found if not violation.in_flight] == []


async def test_a_running_screening_is_terminated_once(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await start(catalog, screening)
    manager: Metadata = catalog.staff("cinema_manager", CINEMA_ID)

    ended = await catalog.admin.TerminateScreening(termination(screening), metadata=manager)
    again = await catalog.admin.TerminateScreening(termination(screening), metadata=manager)

    assert ended.screening.state == again.screening.state == Screening.STATE_TERMINATED
    assert ended.screening.version == again.screening.version == 2
    assert ended.screening.not_sold_reason == Screening.NOT_SOLD_REASON_OVER
    told = await catalog.database.fetch(
        "SELECT type, aggregate_version FROM outbox WHERE aggregate_id = $1 ORDER BY sequence",
        screening.id,
    )
    assert [tuple(row) for row in told] == [("ScreeningPublished", 1), ("ScreeningTerminated", 2)]
    await assert_checks_pass(catalog)


async def test_two_of_the_staff_with_the_same_etag_change_it_once(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await start(catalog, screening)

    answers = await asyncio.gather(
        *(
            catalog.admin.TerminateScreening(
                termination(screening, attributable=attributable), metadata=catalog.staff()
            )
            for attributable in (True, False, True, False)
        )
    )

    assert {answer.screening.version for answer in answers} == {2}
    count = "SELECT count(*) FROM outbox WHERE type = 'ScreeningTerminated'"
    assert await catalog.database.fetchval(count) == 1


@pytest.mark.parametrize("minutes", [-1, 120])
async def test_a_screening_that_does_not_run_is_not_terminated(
    catalog: Catalog, minutes: int
) -> None:
    screening = await a_sold_screening(catalog)
    await start(catalog, screening, minutes)

    code, why = await refusal(
        catalog.admin.TerminateScreening(termination(screening), metadata=catalog.staff())
    )

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SCREENING_NOT_RUNNING")
    assert why.metadata == {"screening_id": screening.id}


async def test_an_old_etag_is_refused(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(start=f"{DAY}T20:30:00")))
    await start(catalog, screening)

    code, why = await refusal(
        catalog.admin.TerminateScreening(termination(screening), metadata=catalog.staff())
    )

    assert (code, why.reason) == (grpc.StatusCode.ABORTED, "CONCURRENT_CHANGE")


async def test_another_cinemas_staff_may_do_nothing(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await start(catalog, screening)
    editor = catalog.staff("programme_editor", "1806")
    manager = catalog.staff("cinema_manager", "1806")
    entry = a_cinema()

    calls = [
        catalog.admin.TerminateScreening(termination(screening), metadata=manager),
        catalog.import_feed(CINEMA_ID, a_feed(), metadata=editor),
        catalog.admin.CreateCinema(
            pb.CreateCinemaRequest(
                cinema=entry["cinema"],
                import_profile=entry["import_profile"],
                request_id=new_request_id(),
            ),
            metadata=editor,
        ),
        catalog.admin.SetPrices(
            pb.SetPricesRequest(price_list=price_message(), request_id=new_request_id()),
            metadata=editor,
        ),
        catalog.admin.PublishSeatPlan(
            pb.PublishSeatPlanRequest(
                cinema_id=CINEMA_ID,
                hall_name="S01",
                seat_plan=ParseDict(a_plan(), seat_plan_pb2.SeatPlan()),
                request_id=new_request_id(),
            ),
            metadata=editor,
        ),
    ]

    for call in calls:
        code, why = await refusal(call)
        assert (code, why.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")
        assert why.metadata == {"cinema_id": CINEMA_ID}


def price_message() -> Any:
    return ParseDict(prices(), price_pb2.PriceList())


async def test_the_same_plan_again_changes_nothing(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())

    first = await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    again = await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    other = await catalog.publish_plan(CINEMA_ID, "S01", a_plan([[a_seat("A", 1)]]))

    assert first == again
    assert (first.hall.capacity, first.seat_plan.version) == (10, 1)
    assert (other.hall.capacity, other.seat_plan.version) == (1, 2)
    assert other.hall.id == first.hall.id
    read = await catalog.programme.GetSeatPlan(
        programme_service_pb2.GetSeatPlanRequest(seat_plan_id=first.seat_plan.id)
    )
    assert read.seat_plan == first.seat_plan


async def test_a_new_plan_is_for_screenings_created_from_now_on(catalog: Catalog) -> None:
    before = await a_sold_screening(catalog)

    second = await catalog.publish_plan(CINEMA_ID, "S01", a_plan([[a_seat("A", 1)]]))
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(), an_event("2", f"{DAY}T23:00:00")))

    old, new = await catalog.screenings(CINEMA_ID, DAY)
    assert old.seat_plan_id == before.seat_plan_id
    assert new.seat_plan_id == second.seat_plan.id


async def test_the_first_plan_of_a_hall_makes_its_screenings_sellable(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.set_prices(prices())
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    before = await the_screening(catalog)

    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())

    after = await the_screening(catalog)
    assert before.not_sold_reason == Screening.NOT_SOLD_REASON_NO_SEAT_PLAN
    assert (after.sold_online, after.version) == (True, 2)
    await assert_checks_pass(catalog)


async def test_a_broken_plan_is_refused_by_field(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    broken = a_plan([[a_seat("A", 1), a_seat("A", 1)]])

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.publish_plan(CINEMA_ID, "S01", broken)

    assert refusal_of(caught.value).reason == "INVALID_SEAT_PLAN"
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.rule("OTC-5")
async def test_prices_follow_weekday_area_and_format(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_plan(
        CINEMA_ID, "S01", a_plan([[a_seat("A", 1), a_seat("A", 2, area="VIP")]])
    )
    await catalog.set_prices(
        prices(
            lines=[a_line(3_000), a_line(2_500, weekdays=(2,)), a_line(5_000, "VIP")],
            supplements=[{"format": "IMAX", "supplement": money(900)}],
        )
    )
    imax = an_event("2", "2026-11-28T20:00:00", attributeIds=["n-15", "2d", "imax"])
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(), imax))
    tuesday = await the_screening(catalog)
    (saturday,) = await catalog.screenings(CINEMA_ID, "2026-11-28")

    assert await quoted(catalog, tuesday) == {"STANDARD": (2_500, 0), "VIP": (5_000, 0)}
    assert await quoted(catalog, saturday) == {"STANDARD": (3_000, 900), "VIP": (5_000, 900)}
    assert saturday.format == "IMAX"
    assert [s.id for s in await catalog.screenings(CINEMA_ID, "2026-11-28", format="IMAX")] == [
        saturday.id
    ]
    assert await catalog.screenings(CINEMA_ID, "2026-11-28", format="3D") == []


async def quoted(catalog: Catalog, screening: Screening) -> dict[str, tuple[int, int]]:
    response = await catalog.programme.QuotePrices(
        programme_service_pb2.QuotePricesRequest(screening_id=screening.id)
    )
    return {
        quote.area: (quote.price.minor_units, quote.supplement.minor_units)
        for quote in response.quotes
    }


async def test_a_price_list_takes_over_when_its_time_comes(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await catalog.set_prices(prices(lines=[a_line(4_000)], effective_time="2026-11-24T00:00:00Z"))

    now = await quoted(catalog, screening)
    await start(catalog, screening, -60)
    then = await quoted(catalog, screening)

    assert (now, then) == ({"STANDARD": (3_000, 0)}, {"STANDARD": (4_000, 0)})


async def test_without_prices_there_is_no_quote(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_terms(terms())
    await catalog.publish_plan(CINEMA_ID, "S01", a_plan())
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    screening = await the_screening(catalog)

    code, why = await refusal(quoted(catalog, screening))

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_PRICES")
    assert screening.not_sold_reason == Screening.NOT_SOLD_REASON_NO_PRICES


async def test_the_same_prices_again_change_nothing(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())

    first = await catalog.set_prices(prices())
    again = await catalog.set_prices(prices())
    other = await catalog.set_prices(prices(lines=[a_line(1)]))

    assert first == again
    assert other.id != first.id
    versions = "SELECT aggregate_version FROM outbox WHERE aggregate_id = $1 ORDER BY 1"
    rows = await catalog.database.fetch(versions, CINEMA_ID)
    assert [row["aggregate_version"] for row in rows] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service_fee": money(10, "EUR")}, "WRONG_CURRENCY"),
        ({"lines": [a_line(-1)]}, "NEGATIVE_PRICE"),
        ({"cinema_id": "9999"}, "CINEMA_NOT_FOUND"),
        ({"lines": [a_line(2**62)]}, "INVALID_FIELD"),
        ({"lines": []}, "INVALID_FIELD"),
    ],
)
async def test_wrong_prices_are_refused(
    catalog: Catalog, changes: dict[str, Any], reason: str
) -> None:
    await catalog.create_cinema(a_cinema())

    _, why = await refusal(catalog.set_prices(prices(**changes)))

    assert why.reason == reason
    assert await catalog.database.fetchval("SELECT count(*) FROM price_list") == 0


async def test_the_currency_stays_once_there_are_prices(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.set_prices(prices())

    code, why = await refusal(catalog.create_cinema(a_cinema(currency_code="EUR")))

    assert (code, why.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CURRENCY_IN_USE")


async def test_a_time_zone_that_does_not_exist_is_refused(catalog: Catalog) -> None:
    _, why = await refusal(catalog.create_cinema(a_cinema(time_zone="Europe/../etc")))

    assert why.reason == "INVALID_TIME_ZONE"


async def test_new_data_of_a_cinema_is_told_for_each_screening(catalog: Catalog) -> None:
    await a_sold_screening(catalog)

    await catalog.create_cinema(a_cinema(sold_online=False))

    after = await the_screening(catalog)
    assert (after.version, after.not_sold_reason) == (2, Screening.NOT_SOLD_REASON_CINEMA)
    await assert_checks_pass(catalog)


@pytest.mark.rule("OTC-52")
async def test_terms_are_read_without_login_by_version(catalog: Catalog) -> None:
    await catalog.publish_terms(terms())
    await catalog.publish_terms(
        terms("2030-01", effective_time="2030-01-01T00:00:00Z", otc_text="Later.")
    )

    now = await catalog.programme.GetTerms(
        programme_service_pb2.GetTermsRequest(policy_code="cinema-city-ro")
    )
    later = await catalog.programme.GetTerms(
        programme_service_pb2.GetTermsRequest(policy_code="cinema-city-ro", otc_version="2030-01")
    )

    assert (now.terms.otc_version, now.terms.otc_text) == ("2026-01", "Online.")
    assert now.terms.policy.version == "2026-01"
    assert len(now.terms.otc_sha256) == 64
    assert later.terms.otc_text == "Later."


async def test_a_version_of_the_terms_never_changes(catalog: Catalog) -> None:
    first = await catalog.publish_terms(terms())
    again = await catalog.publish_terms(terms())

    code, why = await refusal(catalog.publish_terms(terms(otc_text="Changed.")))

    assert first == again
    assert (code, why.reason) == (grpc.StatusCode.ALREADY_EXISTS, "TERMS_EXIST")


async def test_sales_facts_have_all_of_it_in_one_answer(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    request = sales_facts_service_pb2.GetSalesFactsRequest(
        screening_id=screening.id, include_seat_plan=True
    )

    facts = await catalog.sales_facts.GetSalesFacts(request, metadata=catalog.service())

    assert facts.screening == screening
    assert facts.cinema.phone == "+40314130320"
    assert [quote.price.minor_units for quote in facts.quotes] == [3_000]
    assert facts.price_version
    assert (facts.policy.hold_seconds, facts.policy.version) == (600, "2026-01")
    assert (facts.gtc_version, facts.otc_version) == ("2026-01", "2026-01")
    assert not facts.public_holiday
    assert facts.seat_plan.id == screening.seat_plan_id
    assert sum(len(run.seats) for row in facts.seat_plan.rows for run in row.segments) == 10


async def test_a_public_holiday_is_told(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.import_feed(CINEMA_ID, a_feed(an_event(start="2026-12-01T20:00:00")))
    (screening,) = await catalog.screenings(CINEMA_ID, "2026-12-01")

    facts = await catalog.sales_facts.GetSalesFacts(
        sales_facts_service_pb2.GetSalesFactsRequest(screening_id=screening.id),
        metadata=catalog.service(),
    )

    assert facts.public_holiday
    assert not facts.quotes
    assert not facts.HasField("policy")


async def test_sales_facts_are_bookings(catalog: Catalog) -> None:
    request = sales_facts_service_pb2.GetSalesFactsRequest(screening_id=new_request_id())

    code, _ = await refusal(catalog.sales_facts.GetSalesFacts(request, metadata=catalog.staff()))

    assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_every_call_of_staff_leaves_an_audit_row(catalog: Catalog) -> None:
    screening = await a_sold_screening(catalog)
    await start(catalog, screening)
    await catalog.admin.TerminateScreening(termination(screening), metadata=catalog.staff())

    rows = await catalog.database.fetch("SELECT action, subject FROM audit ORDER BY number")

    assert [tuple(row) for row in rows] == [
        ("CreateCinema", CINEMA_ID),
        ("PublishTerms", "cinema-city-ro/2026-01"),
        ("SetPrices", CINEMA_ID),
        ("PublishSeatPlan", f"{CINEMA_ID}/S01"),
        ("ImportProgramme", CINEMA_ID),
        ("TerminateScreening", screening.id),
    ]
