"""Prices and public holidays, through the calls, on a real PostgreSQL."""

from typing import Any

import asyncpg
import grpc
import pytest
from cinema.catalog.v1 import price_pb2
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsRequest
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.json_format import ParseDict

from deploy.local.databases import ServiceDatabase
from tests.integration.catalog.feeds import (
    CINEMA_ID,
    DAY,
    a_cinema,
    a_line,
    an_event,
    money,
    prices,
    promotion,
)
from tests.integration.catalog.price_scene import (
    a_cinema_on_sale,
    bani,
    quoted,
    refusal,
    the_screening,
)
from tests.kit.catalog import Catalog

NATIONAL_DAY = "2026-12-01"  # A Tuesday too.
FAMILY: dict[str, Any] = {
    "code": "FAMILY",
    "name": "Family",
    "admissions": [{"ticket_type": "ADULT", "count": 2}, {"ticket_type": "CHILD", "count": 2}],
}
TYPES: list[dict[str, Any]] = [
    {"code": "ADULT", "name": "Adult", "names": [{"language_code": "fr", "text": "Adulte"}]},
    {"code": "CHILD", "name": "Copil", "proof": "AGE_DOCUMENT", "max_age_years": 14},
    FAMILY,
]
FAMILY_LINE = {
    "ticket_type": "FAMILY",
    "area": "STANDARD",
    "price": money(8_000),
    "admission_prices": [
        {"ticket_type": "ADULT", "price": money(2_400)},
        {"ticket_type": "CHILD", "price": money(1_600)},
    ],
}
GLASSES = {"code": "GLASSES_3D", "name": "Ochelari", "price": money(500), "formats": ["3D"]}


@pytest.mark.rule("OTC-5")
async def test_time_of_day_format_and_holiday_have_their_prices(catalog: Catalog) -> None:
    await a_cinema_on_sale(
        catalog,
        an_event("1", f"{DAY}T15:00:00"),
        an_event("2", f"{DAY}T20:00:00"),
        an_event("3", f"{DAY}T23:00:00", attributeIds=["n-15", "imax"]),
        an_event("4", f"{NATIONAL_DAY}T15:00:00"),
        lines=[
            a_line(3_000),
            a_line(2_000) | {"local_start_before": "17:00"},
            a_line(4_000) | {"format": "IMAX"},
            a_line(3_500) | {"public_holidays": True},
        ],
    )

    afternoon, evening, imax = await catalog.screenings(CINEMA_ID, DAY)
    holiday = await the_screening(catalog, NATIONAL_DAY)

    assert [bani(await quoted(catalog, each)) for each in (afternoon, evening, holiday)] == [
        [2_000],
        [3_000],
        [3_500],
    ]
    (quote,) = (await quoted(catalog, imax)).quotes
    assert (quote.price.minor_units, quote.supplement.minor_units) == (3_000, 1_000)


@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-9")
@pytest.mark.rule("OTC-28")
async def test_a_quote_names_everything_that_a_customer_must_know(catalog: Catalog) -> None:
    await a_cinema_on_sale(
        catalog,
        an_event(attributeIds=["n-15", "3d"]),
        ticket_types=TYPES,
        lines=[a_line(3_000), a_line(2_000) | {"ticket_type": "CHILD"}, FAMILY_LINE],
        supplements=[{"format": "3D", "supplement": money(400)}],
        goods=[GLASSES],
        service_fee_descriptions=[{"language_code": "en", "text": "For buying online."}],
    )

    answer = await quoted(catalog, await the_screening(catalog))

    assert answer.price_version
    assert (answer.currency_code, answer.tax_included) == ("RON", True)
    assert answer.service_fee_descriptions[0].text == "For buying online."
    adult, child = answer.quotes
    assert (adult.proof, child.proof) == ("", "AGE_DOCUMENT")
    assert [each.minor_units for each in (child.price, child.supplement, child.service_fee)] == [
        2_000,
        400,
        200,
    ]
    (goods,) = answer.goods
    assert (goods.item.code, goods.item.price.minor_units) == ("GLASSES_3D", 500)
    assert (goods.sold_online, goods.refundable) == (False, False)


@pytest.mark.rule("OTC-31c")
async def test_a_package_is_told_to_booking_apart_from_tickets(catalog: Catalog) -> None:
    await a_cinema_on_sale(catalog, ticket_types=TYPES, lines=[a_line(3_000), FAMILY_LINE])
    screening = await the_screening(catalog)

    quotes = await quoted(catalog, screening)
    facts = await catalog.sales_facts.GetSalesFacts(
        GetSalesFactsRequest(screening_id=screening.id), metadata=catalog.service()
    )

    (package,) = quotes.package_quotes
    assert (package.price.minor_units, package.admission_count) == (8_000, 4)
    assert [
        (each.ticket_type, each.count, each.price.minor_units, each.service_fee.minor_units)
        for each in package.admissions
    ] == [("ADULT", 2, 2_400, 200), ("CHILD", 2, 1_600, 200)]
    assert list(facts.package_quotes) == [package]
    assert [quote.ticket_type for quote in facts.quotes] == ["ADULT"]


@pytest.mark.parametrize(
    ("lines", "sold"),
    [
        ([a_line(1) | {"format": "3D"}], False),
        ([a_line(1) | {"format": "2D"}], True),
        ([a_line(1) | {"local_start_before": "20:00"}], False),
        ([a_line(1) | {"local_start_from": "20:00"}], True),
        ([a_line(1) | {"local_start_from": "20:01"}], False),
        (
            [
                a_line(1) | {"local_start_before": "18:00"},
                a_line(2) | {"local_start_from": "18:00", "weekdays": [2]},
            ],
            True,
        ),
        ([a_line(1, weekdays=(3,))], False),
        ([a_line(1, weekdays=(2,)) | {"local_start_before": "20:01", "format": "2D"}], True),
        ([a_line(1) | {"public_holidays": True}], False),
    ],
)
async def test_a_screening_is_sold_exactly_when_it_has_a_quote(
    catalog: Catalog, lines: list[dict[str, Any]], *, sold: bool
) -> None:
    await a_cinema_on_sale(catalog, lines=lines)

    screening = await the_screening(catalog)

    assert screening.sold_online is sold
    if sold:
        assert len((await quoted(catalog, screening)).quotes) == 1
    else:
        assert screening.not_sold_reason == Screening.NOT_SOLD_REASON_NO_PRICES
        _, why = await refusal(quoted(catalog, screening))
        assert why.reason == "NO_PRICES"


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"lines": [a_line(-1)]}, "NEGATIVE_PRICE", "price_list.lines[0].price"),
        ({"service_fee": money(1, "EUR")}, "WRONG_CURRENCY", "price_list.service_fee"),
        ({"lines": [a_line(1), a_line(2)]}, "INVALID_FIELD", "price_list.lines[1]"),
        (
            {"ticket_types": TYPES, "lines": [FAMILY_LINE | {"price": money(8_001)}]},
            "INVALID_FIELD",
            "price_list.lines[0].admission_prices",
        ),
        (
            {"lines": [a_line(1) | {"local_start_from": "18:00", "local_start_before": "17:00"}]},
            "INVALID_FIELD",
            "price_list.lines[0].local_start_before",
        ),
        ({"lines": [a_line(2**63 - 1)]}, "INVALID_FIELD", "price_list.lines[0].price.minor_units"),
    ],
)
async def test_wrong_prices_are_refused_and_the_field_named(
    catalog: Catalog, changes: dict[str, Any], reason: str, field: str
) -> None:
    await catalog.create_cinema(a_cinema())

    code, why = await refusal(catalog.set_prices(prices(**changes)))

    assert (code, why.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert [name for name, _ in why.violations] == [field]
    assert await catalog.database.fetchval("SELECT count(*) FROM price_list") == 0


@pytest.mark.rule("OTC-5")
async def test_the_price_list_of_a_cinema_is_read_without_login(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    everything = prices(
        ticket_types=TYPES,
        lines=[
            a_line(3_000),
            a_line(2_500, weekdays=(1, 2))
            | {"format": "IMAX", "local_start_from": "09:30", "local_start_before": "17:00",
               "public_holidays": True},
            FAMILY_LINE,
        ],
        goods=[GLASSES],
        service_fee_descriptions=[{"language_code": "en", "text": "For buying online."}],
    )  # fmt: skip
    published = await catalog.set_prices(everything)

    answer = await catalog.programme.ListPrices(pb.ListPricesRequest(cinema_id=CINEMA_ID))

    assert answer.price_list == published
    expected = ParseDict(everything, price_pb2.PriceList())
    expected.id = published.id
    assert published == expected


@pytest.mark.rule("OTC-5")
async def test_prices_are_listed_for_any_time_and_by_version(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    old = await catalog.set_prices(prices(effective_time="2025-01-01T00:00:00Z"))
    now = await catalog.set_prices(prices(lines=[a_line(3_100)]))
    later = await catalog.set_prices(
        prices(lines=[a_line(3_200)], effective_time="2030-01-01T00:00:00Z")
    )

    async def listed(**wanted: Any) -> pb.ListPricesResponse:
        request = ParseDict({"cinema_id": CINEMA_ID, **wanted}, pb.ListPricesRequest())
        answer: pb.ListPricesResponse = await catalog.programme.ListPrices(request)
        return answer

    assert (await listed()).price_list == now
    assert (await listed(time="2025-06-01T00:00:00Z")).price_list == old
    assert (await listed(time="2031-01-01T00:00:00Z")).price_list == later
    assert not (await listed(time="2024-01-01T00:00:00Z")).HasField("price_list")
    assert (await listed(price_version=old.id)).price_list == old
    first = await listed(page_size=2)
    second = await listed(page_size=2, page_token=first.next_page_token)
    assert [each.price_version for each in (*first.versions, *second.versions)] == [
        later.id,
        now.id,
        old.id,
    ]
    assert not second.next_page_token


async def test_prices_that_are_not_there_are_not_found(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.create_cinema(a_cinema("1806"))
    foreign = await catalog.set_prices(prices("1806"))

    answers = [
        await refusal(catalog.programme.ListPrices(pb.ListPricesRequest(cinema_id="9"))),
        await refusal(catalog.programme.ListTicketTypes(pb.ListTicketTypesRequest(cinema_id="9"))),
        await refusal(
            catalog.programme.ListPrices(
                pb.ListPricesRequest(cinema_id=CINEMA_ID, price_version=foreign.id)
            )
        ),
    ]
    types = await catalog.programme.ListTicketTypes(pb.ListTicketTypesRequest(cinema_id=CINEMA_ID))

    assert [(code, why.reason) for code, why in answers] == [
        (grpc.StatusCode.NOT_FOUND, "CINEMA_NOT_FOUND"),
        (grpc.StatusCode.NOT_FOUND, "CINEMA_NOT_FOUND"),
        (grpc.StatusCode.NOT_FOUND, "PRICE_LIST_NOT_FOUND"),
    ]
    assert not types.ticket_types


@pytest.mark.rule("OTC-28")
async def test_ticket_types_are_listed_with_the_proof_that_they_need(catalog: Catalog) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.set_prices(prices(ticket_types=TYPES))

    answer = await catalog.programme.ListTicketTypes(pb.ListTicketTypesRequest(cinema_id=CINEMA_ID))

    assert list(answer.ticket_types) == [ParseDict(each, price_pb2.TicketType()) for each in TYPES]
    assert answer.price_version


async def listed_holidays(catalog: Catalog, year: int = 2026) -> list[str]:
    request = pb.ListHolidaysRequest(country_code="RO", year=year)
    return [each.date for each in (await catalog.programme.ListHolidays(request)).holidays]


@pytest.mark.rule("OTC-51")
async def test_public_holidays_are_there_and_can_be_set(catalog: Catalog) -> None:
    shipped = await listed_holidays(catalog)

    await catalog.set_holidays("RO", "2026-12-26", "2026-12-25")

    assert NATIONAL_DAY in shipped
    assert await listed_holidays(catalog) == ["2026-12-25", "2026-12-26"]
    assert "2027-12-01" in await listed_holidays(catalog, 2027)
    assert await listed_holidays(catalog, 2100) == []


async def test_screenings_of_changed_holidays_are_told_with_their_new_prices(
    catalog: Catalog,
) -> None:
    await a_cinema_on_sale(
        catalog,
        an_event("1", f"{DAY}T20:00:00"),
        an_event("2", f"{NATIONAL_DAY}T20:00:00"),
        lines=[a_line(3_000), a_line(3_500) | {"public_holidays": True}],
    )
    others = [day for day in await listed_holidays(catalog) if day != NATIONAL_DAY]

    await catalog.set_holidays("RO", *others, DAY)
    await catalog.set_holidays("RO", *others, DAY)

    became, stopped = await the_screening(catalog), await the_screening(catalog, NATIONAL_DAY)
    assert (became.version, bani(await quoted(catalog, became))) == (2, [3_500])
    assert (stopped.version, bani(await quoted(catalog, stopped))) == (2, [3_000])
    told = await catalog.database.fetch(
        "SELECT type, aggregate_version FROM outbox WHERE type = 'HolidaysSet'"
    )
    assert [tuple(row) for row in told] == [("HolidaysSet", 1)]


@pytest.mark.rule("OTC-8")
@pytest.mark.parametrize("table", ["price_list", "promotion", "terms"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET publish_time = now()", "DELETE FROM {}"])
async def test_what_was_published_cannot_be_rewritten(
    catalog: Catalog, catalog_database: ServiceDatabase, table: str, statement: str
) -> None:
    await a_cinema_on_sale(catalog)
    await catalog.publish_promotion(promotion())

    connection = await asyncpg.connect(catalog_database.app_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table))
    finally:
        await connection.close()


async def test_a_list_from_before_the_newer_fields_is_still_read(catalog: Catalog) -> None:
    await a_cinema_on_sale(catalog)
    await catalog.database.execute(
        """INSERT INTO price_list (id, cinema_id, effective_time, content_hash, currency, priced,
                                   content)
           SELECT gen_random_uuid(), cinema_id, effective_time, '', currency, priced, $1::jsonb
           FROM price_list""",
        """{"ticket_types": [["ADULT", "Adult", ""]], "service_fee": 200, "supplements": [],
            "fee_on_places": false, "lines": [["ADULT", "STANDARD", [], 2900]]}""",
    )

    screening = await the_screening(catalog)

    assert screening.sold_online
    assert bani(await quoted(catalog, screening)) == [2_900]
