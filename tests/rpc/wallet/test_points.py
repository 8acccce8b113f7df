"""Loyalty points and birthday places, as customers and staff see them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import events_pb2
from cinema.wallet.v1 import card_pb2, profile_pb2, tender_service_pb2, wallet_service_pb2
from cinema.wallet.v1 import points_service_pb2 as pb
from cinema.wallet.v1 import wallet_admin_service_pb2 as admin

from tests.kit.wallet_points import an_order, points, redeem, settle, tell
from tests.kit.wallet_server import (
    Wallet,
    as_account,
    as_booking,
    as_staff,
    broken_checks,
    refused,
    set_date,
)


async def credit(wallet: Wallet, account_id: UUID, number: int) -> admin.CreditPointsResponse:
    request = admin.CreditPointsRequest(
        account_id=str(account_id), points=number, reason="a test", request_id=str(uuid4())
    )
    return await wallet.admin.CreditPoints(request, metadata=as_staff("customer_service"))


async def set_profile(wallet: Wallet, account_id: UUID, **profile: Any) -> profile_pb2.Profile:
    request = wallet_service_pb2.SetProfileRequest(
        profile=profile_pb2.Profile(**profile), request_id=str(uuid4())
    )
    answer = await wallet.cards.SetProfile(request, metadata=as_account(account_id))
    return answer.profile


async def grant(wallet: Wallet, day: str) -> int:
    request = admin.GrantBirthdayPlacesRequest(date=day, reason="a test", request_id=str(uuid4()))
    answer = await wallet.admin.GrantBirthdayPlaces(request, metadata=as_staff("operator"))
    return int(answer.granted)


async def cards_of(wallet: Wallet, account_id: UUID) -> list[card_pb2.Card]:
    request = wallet_service_pb2.ListCardsRequest()
    answer = await wallet.cards.ListCards(request, metadata=as_account(account_id))
    return list(answer.cards)


async def points_of_order(wallet: Wallet, order_id: UUID) -> int:
    request = tender_service_pb2.GetOrderPointsRequest(order_id=str(order_id))
    answer = await wallet.tenders.GetOrderPoints(request, metadata=as_booking())
    return int(answer.points)


@pytest.mark.rule("CARD-9")
async def test_points_of_an_order_are_pending_and_then_posted(wallet: Wallet):
    account_id = uuid4()
    await an_order(wallet, account_id, 24_000)
    await an_order(wallet, account_id, 10_000, cancellable=True)
    pending = await points(wallet, account_id)

    await settle(wallet)
    await settle(wallet)

    assert pending == (0, 340, 0)
    assert await points(wallet, account_id) == (240, 100, 0)
    assert await broken_checks(wallet) == []


@pytest.mark.rule("CARD-9")
@pytest.mark.rule("CARD-11")
@pytest.mark.parametrize(("product", "price"), [("loyalty-5-7", 240), ("loyalty-7-7", 300)])
async def test_points_become_a_place_straight_in_the_wallet_and_are_debited_once(
    wallet: Wallet, product: str, price: int
):
    account_id, request_id = uuid4(), str(uuid4())
    await credit(wallet, account_id, price - 1)
    short = await refused(redeem(wallet, account_id, product))
    await credit(wallet, account_id, 1)

    first = await redeem(wallet, account_id, product, request_id)
    again = await redeem(wallet, account_id, product, request_id)

    [card] = await cards_of(wallet, account_id)
    assert (short.code, short.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "INSUFFICIENT_POINTS",
    )
    assert short.metadata["points_needed"] == str(price)
    assert short.metadata["points_available"] == str(price - 1)
    assert again == first
    assert first.card == card
    assert (card.product_code, card.places_left) == (product, 1)
    assert card.state == card_pb2.Card.STATE_REGISTERED
    assert await points(wallet, account_id) == (0, 0, 0)


@pytest.mark.parametrize("product", ["carte-3", "unknown"])
async def test_what_is_not_given_for_points_is_not_found(wallet: Wallet, product: str):
    answer = await refused(redeem(wallet, uuid4(), product))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "PRODUCT_NOT_FOUND")


@pytest.mark.rule("CARD-9")
async def test_a_cancelled_order_takes_its_points_with_it(wallet: Wallet):
    account_id = uuid4()
    order_id = await an_order(wallet, account_id, 24_000, cancellable=True)
    cancelled = events_pb2.OrderCancelled(order_id=str(order_id), screening_id=str(uuid4()))
    would_lose = await points_of_order(wallet, order_id)

    await tell(wallet, order_id, 2, cancelled)

    assert (would_lose, await points_of_order(wallet, order_id)) == (240, 0)
    assert await points(wallet, account_id) == (0, 0, 0)


@pytest.mark.rule("CARD-9")
async def test_a_later_remedy_takes_back_what_is_there_and_the_rest_is_a_visible_debt(
    wallet: Wallet,
):
    account_id = uuid4()
    order_id = await an_order(wallet, account_id, 25_000)
    await settle(wallet)
    await redeem(wallet, account_id, "loyalty-5-7")
    given = events_pb2.RemedyGiven(order_id=str(order_id), remedy_id=str(uuid4()))

    await tell(wallet, order_id, 2, given)
    owed = await points(wallet, account_id)
    await credit(wallet, account_id, 300)

    listed = await wallet.points.ListPointEntries(
        pb.ListPointEntriesRequest(page_size=2), metadata=as_account(account_id)
    )
    assert owed == (0, 0, 240)
    assert await points(wallet, account_id) == (60, 0, 0)
    assert [(entry.kind, entry.balance_delta, entry.debt_delta) for entry in listed.entries] == [
        (pb.PointEntry.KIND_CREDIT, 60, -240),
        (pb.PointEntry.KIND_TAKE_BACK, -10, 240),
    ]
    assert listed.next_page_token
    assert await broken_checks(wallet) == []


async def test_guests_earn_no_points_and_an_unknown_order_gives_none_back(wallet: Wallet):
    order_id = await an_order(wallet, None, 24_000)

    await tell(wallet, order_id, 2, events_pb2.OrderCancelled(order_id=str(order_id)))

    assert await wallet.database.fetchval("SELECT count(*) FROM point_entry") == 0


async def test_points_expire_after_their_last_day(wallet: Wallet):
    account_id = uuid4()
    await set_date(wallet, date(2027, 5, 20))
    await credit(wallet, account_id, 300)
    request = pb.GetPointsRequest()
    shown = await wallet.points.GetPoints(request, metadata=as_account(account_id))
    await set_date(wallet, date(2028, 5, 19))
    await settle(wallet)
    last_day = await points(wallet, account_id)
    await set_date(wallet, date(2028, 5, 20))

    await settle(wallet)

    assert [(each.points, each.last_date) for each in shown.expiring] == [(300, "2028-05-19")]
    assert last_day == (300, 0, 0)
    assert await points(wallet, account_id) == (0, 0, 0)


async def test_staff_correct_points_with_a_reason_and_an_audit_row(wallet: Wallet):
    account_id = uuid4()
    await credit(wallet, account_id, 100)

    left = await credit(wallet, account_id, -30)
    short = await refused(credit(wallet, account_id, -71))

    audit = await wallet.database.fetch("SELECT action, subject FROM audit")
    reasons = await wallet.database.fetch("SELECT reason FROM point_entry")
    ledger_id = await wallet.database.fetchval(
        "SELECT ledger_id FROM point_account WHERE account_id = $1", account_id
    )
    assert (left.balance, left.debt) == (70, 0)
    assert short.reason == "INSUFFICIENT_POINTS"
    assert [tuple(row) for row in audit] == [("CreditPoints", f"points/{ledger_id}")] * 2
    assert {row["reason"] for row in reasons} == {"a test"}


async def test_points_that_come_are_told_with_the_accounts_versions(wallet: Wallet):
    account_id = uuid4()
    await an_order(wallet, account_id, 24_000)
    await settle(wallet)
    await credit(wallet, account_id, 10)

    told = await wallet.database.fetch(
        "SELECT type, aggregate_version FROM outbox WHERE aggregate_id = $1 ORDER BY 2",
        str(account_id),
    )

    assert [tuple(row) for row in told] == [("PointsCredited", 1), ("PointsCredited", 2)]


@pytest.mark.rule("CARD-9")
@pytest.mark.rule("CARD-11")
async def test_a_birthday_place_comes_once_a_year_whatever_runs_twice(wallet: Wallet):
    account_id = uuid4()
    await set_profile(wallet, account_id, birth_date="1990-05-20")
    await set_profile(wallet, uuid4(), birth_date="1990-05-21")
    await set_profile(wallet, uuid4())
    await set_date(wallet, date(2027, 5, 20))

    by_worker = [await wallet.parts.grant_birthday_places.today() for _ in range(2)]
    by_staff = await grant(wallet, "2027-05-20")
    await set_profile(wallet, account_id, birth_date="1990-06-01")
    moved = await grant(wallet, "2027-06-01")
    next_year = await grant(wallet, "2028-06-01")

    cards = await cards_of(wallet, account_id)
    assert (by_worker, by_staff, moved, next_year) == ([1, 0], 0, 0, 1)
    assert [card.product_code for card in cards] == ["birthday"] * 2
    assert {card.lots[0].last_screening_date for card in cards} == {"2027-06-19", "2028-07-01"}
    assert await broken_checks(wallet) == []


async def test_a_profile_is_kept_with_the_time_of_the_agreement(wallet: Wallet):
    account_id = uuid4()
    empty = await wallet.cards.GetProfile(
        wallet_service_pb2.GetProfileRequest(), metadata=as_account(account_id)
    )
    stored = await set_profile(
        wallet,
        account_id,
        birth_date="1990-05-20",
        surname="Ionescu",
        email="ana@example.test",
        language_code="ro",
        reminders_agreed=True,
    )

    read = await wallet.cards.GetProfile(
        wallet_service_pb2.GetProfileRequest(), metadata=as_account(account_id)
    )
    agreed = await wallet.database.fetchval("SELECT agree_time FROM profile")
    await set_profile(wallet, account_id, surname="Ionescu")
    withdrawn = await wallet.database.fetchval("SELECT agree_time FROM profile")

    assert empty.profile == profile_pb2.Profile()
    assert read.profile == stored
    assert agreed is not None
    assert withdrawn is None


@pytest.mark.parametrize("birth_date", ["1990-02-30", "2999-01-01"])
async def test_nobody_is_born_on_no_day_or_tomorrow(wallet: Wallet, birth_date: str):
    answer = await refused(set_profile(wallet, uuid4(), birth_date=birth_date))

    assert answer.reason == "INVALID_DATE"
