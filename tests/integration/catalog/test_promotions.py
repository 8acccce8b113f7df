"""Promotions and their regulations, through the calls, on a real PostgreSQL."""

from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import programme_service_pb2 as pb

from services.catalog.checks import checks
from services.common.db.checks import run_check
from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import CINEMA_ID, a_cinema, money, promotion
from tests.integration.catalog.price_scene import (
    a_cinema_on_sale,
    bani,
    quoted,
    refusal,
    the_screening,
)
from tests.kit.catalog import Catalog, new_request_id


@pytest.mark.rule("OTC-48.7")
async def test_a_code_takes_off_and_the_quote_names_the_regulations(catalog: Catalog) -> None:
    await a_cinema_on_sale(catalog)
    published = await catalog.publish_promotion(promotion("tuesday"))
    screening = await the_screening(catalog)

    answer = await quoted(catalog, screening, " Tuesday ")
    regulations = await catalog.programme.GetPromotionRegulations(
        pb.GetPromotionRegulationsRequest(promotion_id=answer.promotion.promotion_id)
    )

    (quote,) = answer.quotes
    assert (quote.price.minor_units, quote.regular_price.minor_units) == (1_500, 3_000)
    assert (quote.supplement.minor_units, quote.service_fee.minor_units) == (0, 200)
    assert (answer.promotion.promotion_id, answer.promotion.code) == (published.id, "TUESDAY")
    assert answer.promotion.regulations_version == regulations.regulations.version == "1"
    assert answer.promotion.regulations_sha256 == regulations.regulations.sha256
    assert regulations.regulations.text == "Half the price on Tuesdays."
    assert not (await quoted(catalog, screening)).HasField("promotion")
    for check in checks():
        found = await run_check(catalog.database, "catalog", check, wait_s=0)
        assert [violation for violation in found if not violation.in_flight] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "OTHER"},
        {"effective_time": "2026-12-01T00:00:00Z"},
        {"effective_time": "2025-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"},
        {"weekdays": [1, 3]},
        {"formats": ["IMAX"]},
        {"ticket_types": ["CHILD"]},
        {"cinema_ids": ["1806"]},
        {"policy_code": "cinecarte-fr"},
    ],
)
async def test_every_code_that_is_not_good_gets_the_same_answer(
    catalog: Catalog, changes: dict[str, Any]
) -> None:
    await catalog.set_clock("2026-11-20T10:00:00Z")
    await a_cinema_on_sale(catalog)
    await catalog.create_cinema(a_cinema("1806"))
    await catalog.publish_promotion(promotion() | changes)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await quoted(catalog, await the_screening(catalog), "TUESDAY")

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert refusal_of(caught.value).reason == "PROMOTION_NOT_ACCEPTED"
    assert refusal_of(caught.value).metadata == {}
    assert caught.value.details() == "The promotion code is not accepted for this screening."


@pytest.mark.rule("OTC-48.7")
async def test_a_newer_version_takes_over_and_may_end_a_promotion(catalog: Catalog) -> None:
    await catalog.set_clock("2026-11-20T10:00:00Z")
    await a_cinema_on_sale(catalog)
    first = await catalog.publish_promotion(promotion())
    again = await catalog.publish_promotion(promotion())
    screening = await the_screening(catalog)
    before = await quoted(catalog, screening, "TUESDAY")

    ended = await catalog.publish_promotion(promotion(end_time="2026-11-20T09:00:00Z"))

    assert again == first
    assert ended.id != first.id
    assert bani(before) == [1_500]
    _, why = await refusal(quoted(catalog, screening, "TUESDAY"))
    assert why.reason == "PROMOTION_NOT_ACCEPTED"


async def test_staff_list_all_versions_without_their_texts(catalog: Catalog) -> None:
    first = await catalog.publish_promotion(promotion("B"))
    second = await catalog.publish_promotion(promotion("B", percent_off=20))
    other = await catalog.publish_promotion(promotion("A"))
    await catalog.publish_promotion(promotion("A", policy_code="cinecarte-fr"))
    request = admin_pb.ListPromotionsRequest(policy_code="cinema-city-ro", page_size=2)

    page = await catalog.admin.ListPromotions(request, metadata=catalog.staff())
    request.page_token = page.next_page_token
    rest = await catalog.admin.ListPromotions(request, metadata=catalog.staff())

    listed = [*page.promotions, *rest.promotions]
    assert [each.id for each in listed] == [other.id, second.id, first.id]
    assert [each.percent_off for each in listed] == [50, 20, 50]
    assert {(each.regulations.version, each.regulations.text) for each in listed} == {("1", "")}
    assert listed[0].regulations.sha256 == other.regulations.sha256
    assert not rest.next_page_token


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cinema_ids": ["9"]}, "CINEMA_NOT_FOUND"),
        ({"cinema_ids": [CINEMA_ID], "policy_code": "cinecarte-fr"}, "CINEMA_NOT_FOUND"),
        ({"cinema_ids": [CINEMA_ID], "amount_off": money(1, "EUR")}, "WRONG_CURRENCY"),
        ({"fixed_price": money(-1)}, "NEGATIVE_PRICE"),
        ({"end_time": "2025-01-01T00:00:00Z"}, "INVALID_FIELD"),
        ({"regulations": {"version": "1", "text": "Other."}}, "REGULATIONS_EXIST"),
    ],
)
async def test_a_wrong_promotion_is_refused(
    catalog: Catalog, changes: dict[str, Any], reason: str
) -> None:
    await catalog.create_cinema(a_cinema())
    await catalog.publish_promotion(promotion())
    wrong = promotion() | changes
    if {"amount_off", "fixed_price"} & changes.keys():
        wrong.pop("percent_off")

    _, why = await refusal(catalog.publish_promotion(wrong))

    assert why.reason == reason
    assert await catalog.database.fetchval("SELECT count(*) FROM promotion") == 1


async def test_a_promotion_of_other_cinemas_is_not_for_their_neighbours_staff(
    catalog: Catalog,
) -> None:
    await catalog.create_cinema(a_cinema())
    editor = catalog.staff("programme_editor", CINEMA_ID)

    own = await catalog.publish_promotion(promotion("OWN", cinema_ids=[CINEMA_ID]), editor)
    everywhere, elsewhere = [
        await refusal(catalog.publish_promotion(promotion(cinema_ids=cinema_ids), editor))
        for cinema_ids in ([], [CINEMA_ID, "1806"])
    ]

    assert own.id
    assert (everywhere[1].reason, elsewhere[1].reason) == ("WRONG_CINEMA", "WRONG_CINEMA")


@pytest.mark.parametrize("cinema_ids", [[], ["1806"]])
async def test_a_code_of_others_is_not_taken_over_by_staff_of_one_cinema(
    catalog: Catalog, cinema_ids: list[str]
) -> None:
    await a_cinema_on_sale(catalog)
    await catalog.create_cinema(a_cinema("1806"))
    theirs = await catalog.publish_promotion(promotion(cinema_ids=cinema_ids))
    editor = catalog.staff("programme_editor", CINEMA_ID)

    code, why = await refusal(
        catalog.publish_promotion(promotion(cinema_ids=[CINEMA_ID], percent_off=1), editor)
    )

    assert (code, why.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")
    listed = await catalog.admin.ListPromotions(
        admin_pb.ListPromotionsRequest(policy_code="cinema-city-ro"), metadata=catalog.staff()
    )
    assert [each.id for each in listed.promotions] == [theirs.id]


async def test_a_promotion_that_does_not_exist_has_no_regulations(catalog: Catalog) -> None:
    request = pb.GetPromotionRegulationsRequest(promotion_id=new_request_id())

    code, why = await refusal(catalog.programme.GetPromotionRegulations(request))

    assert (code, why.reason) == (grpc.StatusCode.NOT_FOUND, "PROMOTION_NOT_FOUND")
