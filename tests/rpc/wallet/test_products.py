"""Products are data: the ones a chain starts with, and one that it adds."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import tender_service_pb2 as tender
from cinema.wallet.v1 import wallet_admin_service_pb2 as pb

from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_screening,
    a_seat,
    as_booking,
    as_staff,
    refused,
)

PLACE_CARDS = (
    "place-2d",
    "place-technology",
    "carte-3",
    "carte-5",
    "invitation",
    "birthday",
    "loyalty-5-7",
    "loyalty-7-7",
)


def a_product(**changes: Any) -> pb.CardProduct:
    terms = {
        "code": "staff-treat",
        "name": "Staff treat",
        "places": 2,
        "formats": ["2D", "IMAX"],
        "supplements_included": True,
        "supplement_formats": ["IMAX"],
        "areas": ["VIP"],
        "event_kinds": ["OPERA"],
        "weekdays": [2],
        "cinema_ids": ["1808"],
        "max_seats_per_screening": 1,
        "conditions": "For a Tuesday at the opera.",
        "conditions_version": "2027-1",
        "kind": pb.PRODUCT_KIND_PLACE_CARD,
    }
    return pb.CardProduct(**{**terms, **changes})


async def define(wallet: Wallet, product: pb.CardProduct) -> pb.CardProduct:
    request = pb.DefineProductRequest(product=product, request_id=str(uuid4()))
    answer = await wallet.admin.DefineProduct(request, metadata=as_staff("operator"))
    return answer.product


async def judged(
    wallet: Wallet, account_id: UUID, seats: list[Any], **facts: Any
) -> card_pb2.CardEligibility:
    request = tender.ListEligiblePlacesRequest(
        account_id=str(account_id), screening=a_screening(**facts), seats=seats
    )
    answer = await wallet.tenders.ListEligiblePlaces(request, metadata=as_booking())
    [card] = answer.cards
    return card


@pytest.mark.rule("CARD-5")
@pytest.mark.rule("CARD-8")
@pytest.mark.rule("CARD-13")
@pytest.mark.parametrize("product", PLACE_CARDS)
async def test_every_place_card_that_the_chain_starts_with_pays_a_2d_film(
    wallet: Wallet, product: str
):
    account_id = uuid4()
    await wallet.registered_card(account_id, product=product)

    card = await judged(wallet, account_id, [a_seat()])

    assert [seat.seat_id for seat in card.eligible_seats] == ["F7"]
    assert not card.holder_checked


@pytest.mark.rule("CARD-5")
@pytest.mark.parametrize(("product", "places"), [("carte-3", 3), ("carte-5", 5), ("place-2d", 1)])
async def test_a_card_holds_the_places_of_its_product(wallet: Wallet, product: str, places: int):
    account_id = uuid4()

    card_id = await wallet.registered_card(account_id, product=product)

    assert await wallet.balances(account_id, card_id) == (places, 0, 0)


@pytest.mark.rule("CARD-6")
@pytest.mark.rule("CARD-7")
@pytest.mark.parametrize(("product", "due"), [("place-2d", 1_000), ("place-technology", 0)])
async def test_a_place_pays_the_imax_supplement_only_when_its_product_includes_it(
    wallet: Wallet, product: str, due: int
):
    account_id = uuid4()
    await wallet.registered_card(account_id, product=product)

    card = await judged(wallet, account_id, [a_seat(supplement=1_000)], format="IMAX")

    assert [seat.supplement_due.minor_units for seat in card.eligible_seats] == [due]


@pytest.mark.rule("CARD-6")
@pytest.mark.parametrize(
    ("facts", "area", "reason"),
    [
        ({}, "VIP", card_pb2.INELIGIBLE_REASON_AREA_NOT_COVERED),
        (
            {"event_kind": "OPERA"},
            "STANDARD",
            card_pb2.INELIGIBLE_REASON_EVENT_KIND_NOT_COVERED,
        ),
    ],
)
async def test_a_single_place_pays_no_other_area_and_no_opera(
    wallet: Wallet, facts: dict[str, Any], area: str, reason: int
):
    account_id = uuid4()
    await wallet.registered_card(account_id, product="place-2d")

    card = await judged(wallet, account_id, [a_seat(area=area)], **facts)

    assert [seat.reason for seat in card.ineligible_seats] == [reason]


@pytest.mark.rule("CARD-9")
@pytest.mark.parametrize(
    ("facts", "pays"),
    [
        ({"local_date": "2027-05-14"}, True),  # a Friday
        ({"local_date": "2027-05-15"}, False),
        ({"local_date": "2027-05-16"}, False),
        ({"local_date": "2027-05-17"}, True),
        ({"local_date": "2027-05-17", "public_holiday": True}, False),
    ],
)
async def test_a_5_7_place_pays_on_working_days_alone(
    wallet: Wallet, facts: dict[str, Any], *, pays: bool
):
    account_id = uuid4()
    await wallet.registered_card(account_id, product="loyalty-5-7")

    card = await judged(wallet, account_id, [a_seat()], **facts)

    assert bool(card.eligible_seats) == pays
    assert [seat.reason for seat in card.ineligible_seats] == (
        [] if pays else [card_pb2.INELIGIBLE_REASON_DAY_NOT_COVERED]
    )


@pytest.mark.rule("CARD-9")
async def test_a_7_7_place_pays_on_every_day(wallet: Wallet):
    account_id = uuid4()
    await wallet.registered_card(account_id, product="loyalty-7-7")

    card = await judged(
        wallet, account_id, [a_seat()], local_date="2027-05-16", public_holiday=True
    )

    assert card.places_usable == 1


async def test_a_chain_adds_a_product_of_its_own_and_cards_obey_its_terms(wallet: Wallet):
    account_id = uuid4()
    tuesday = {"local_date": "2027-05-18", "cinema_id": "1808", "event_kind": "OPERA"}
    seat = a_seat("V1", area="VIP", supplement=900)
    added = await define(wallet, a_product())
    card_id = await wallet.registered_card(account_id, product="staff-treat")

    pays = await judged(wallet, account_id, [seat], format="IMAX", **tuesday)
    reasons = {
        card.ineligible_seats[0].reason
        for card in [
            await judged(wallet, account_id, [seat], **{**tuesday, "local_date": "2027-05-19"}),
            await judged(wallet, account_id, [seat], **{**tuesday, "cinema_id": "1818"}),
            await judged(wallet, account_id, [seat], **{**tuesday, "event_kind": "FILM"}),
            await judged(wallet, account_id, [seat], format="4DX", **tuesday),
            await judged(wallet, account_id, [a_seat("F7")], **tuesday),
        ]
    }

    assert added == a_product()
    assert pays.eligible_seats[0].supplement_due.minor_units == 0
    assert reasons == {
        card_pb2.INELIGIBLE_REASON_DAY_NOT_COVERED,
        card_pb2.INELIGIBLE_REASON_CINEMA_NOT_COVERED,
        card_pb2.INELIGIBLE_REASON_EVENT_KIND_NOT_COVERED,
        card_pb2.INELIGIBLE_REASON_FORMAT_NOT_COVERED,
        card_pb2.INELIGIBLE_REASON_AREA_NOT_COVERED,
    }
    assert await wallet.balances(account_id, card_id) == (2, 0, 0)


async def test_the_seats_of_one_screening_are_counted_over_all_orders(wallet: Wallet):
    account_id = uuid4()
    await define(
        wallet,
        a_product(areas=["STANDARD"], event_kinds=["FILM"], weekdays=[], cinema_ids=[]),
    )
    card_id = await wallet.registered_card(account_id, product="staff-treat")
    screening, key = a_screening(), a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key, screening=screening))
    second = a_reserve(account_id, card_id, screening=screening, seats=[a_seat("F8")])

    taken = await refused(wallet.reserve(second))
    await wallet.command("CapturePlaces", key)
    used = await refused(wallet.reserve(second))
    await wallet.command("RestorePlaces", key)
    given_back = await wallet.reserve(second)

    assert taken.metadata["ineligible_reason"] == "ONE_SEAT_PER_SCREENING"
    assert used.metadata["ineligible_reason"] == "ONE_SEAT_PER_SCREENING"
    assert given_back.state == tender.RESERVATION_STATE_RESERVED


async def test_a_card_without_a_limit_shows_no_number_of_places(wallet: Wallet):
    account_id = uuid4()
    await define(wallet, a_product(places=0, areas=["STANDARD"], event_kinds=["FILM"], weekdays=[]))
    card_id = await wallet.registered_card(account_id, product="staff-treat")
    screening = a_screening(cinema_id="1808")
    await wallet.reserve(a_reserve(account_id, card_id, screening=screening))

    card = await wallet.card(account_id, card_id)

    assert card.places_unlimited
    assert (card.places_left, card.places_reserved, card.places_used) == (0, 1, 0)
    assert [lot.places_left for lot in card.lots] == [0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points_price": 240}, "product.validity_days"),
        ({"price": money_pb2.Money(currency_code="RON", minor_units=1)}, "product.validity_days"),
        (
            {"price": money_pb2.Money(currency_code="RON"), "validity_days": 30},
            "product.price",
        ),
    ],
)
async def test_what_is_sold_by_itself_has_a_validity_and_a_price(
    wallet: Wallet, changes: dict[str, Any], field: str
):
    answer = await refused(define(wallet, a_product(**changes)))

    assert answer.reason == "INVALID_FIELD"
    assert field in answer.fields


async def test_no_card_is_issued_of_the_vouchers_product(wallet: Wallet):
    answer = await refused(wallet.issue(product="refund-voucher"))

    assert answer.reason == "PRODUCT_NOT_FOUND"
