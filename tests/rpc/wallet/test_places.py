"""What booking sees of TenderService."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1 import tender_service_pb2 as pb

from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_screening,
    a_seat,
    as_account,
    as_booking,
    refused,
)

RESERVED = pb.RESERVATION_STATE_RESERVED
CAPTURED = pb.RESERVATION_STATE_CAPTURED
RELEASED = pb.RESERVATION_STATE_RELEASED
RESTORED = pb.RESERVATION_STATE_RESTORED


async def eligible(wallet: Wallet, account_id: UUID, **changes: object) -> card_pb2.CardEligibility:
    request = pb.ListEligiblePlacesRequest(
        account_id=str(account_id), screening=a_screening(**changes), seats=[a_seat()]
    )
    answer = await wallet.tenders.ListEligiblePlaces(request, metadata=as_booking())
    [card] = answer.cards
    return card


@pytest.mark.rule("CARD-1")
async def test_a_registered_card_is_listed_with_the_seats_it_can_pay(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)

    card = await eligible(wallet, account_id)

    assert card.card_id == str(card_id)
    assert card.places_usable == 1
    assert [seat.seat_id for seat in card.eligible_seats] == ["F7"]


@pytest.mark.rule("CARD-1")
async def test_an_ineligible_card_is_listed_with_the_reason(wallet: Wallet):
    account_id = uuid4()
    await wallet.registered_card(account_id)

    card = await eligible(wallet, account_id, event_kind="THEATRE")

    assert card.places_usable == 0
    assert [(seat.seat_id, seat.reason) for seat in card.ineligible_seats] == [
        ("F7", card_pb2.INELIGIBLE_REASON_EVENT_KIND_NOT_COVERED)
    ]


async def test_other_peoples_cards_are_not_listed(wallet: Wallet):
    await wallet.registered_card(uuid4())
    request = pb.ListEligiblePlacesRequest(
        account_id=str(uuid4()), screening=a_screening(), seats=[a_seat()]
    )

    answer = await wallet.tenders.ListEligiblePlaces(request, metadata=as_booking())

    assert not answer.cards


@pytest.mark.rule("CARD-3")
async def test_a_card_registered_during_the_booking_is_usable_at_once(wallet: Wallet):
    account_id = uuid4()
    [issued] = await wallet.issue()
    before = pb.ListEligiblePlacesRequest(
        account_id=str(account_id), screening=a_screening(), seats=[a_seat()]
    )
    nothing = await wallet.tenders.ListEligiblePlaces(before, metadata=as_booking())
    await wallet.register(account_id, issued.card_number)

    answer = await wallet.reserve(a_reserve(account_id, UUID(issued.card_id)))

    assert not nothing.cards
    assert answer.state == RESERVED


@pytest.mark.rule("CARD-15")
async def test_places_go_from_left_to_reserved_to_used(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key = a_key()

    await wallet.reserve(
        a_reserve(account_id, card_id, key=key, seats=[a_seat("F7"), a_seat("F8")])
    )
    reserved = await wallet.balances(account_id, card_id)
    answer = await wallet.command("CapturePlaces", key)

    assert reserved == (1, 2, 0)
    assert answer.state == CAPTURED
    assert await wallet.balances(account_id, card_id) == (1, 0, 2)


async def test_the_supplement_stays_due_and_is_told_again_on_a_repeat(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = a_reserve(
        account_id,
        card_id,
        screening=a_screening(format="IMAX"),
        seats=[a_seat("F7", supplement=1_000)],
    )

    first = await wallet.reserve(request)
    request.request_id = str(uuid4())
    again = await wallet.reserve(request)

    assert [seat.supplement_due.minor_units for seat in first.seats] == [1_000]
    assert again == first
    assert await wallet.balances(account_id, card_id) == (2, 1, 0)


async def test_a_key_cannot_reserve_something_else(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = a_reserve(account_id, card_id)
    await wallet.reserve(request)
    request.seats[0].seat_id = "F9"

    answer = await refused(wallet.reserve(request))

    assert (answer.code, answer.reason) == (
        grpc.StatusCode.ALREADY_EXISTS,
        "RESERVATION_DIFFERS",
    )
    assert answer.metadata["order_id"] == request.key.order_id


async def test_more_seats_than_places_reserve_nothing(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    seats = [a_seat(f"F{number}") for number in range(4)]

    answer = await refused(wallet.reserve(a_reserve(account_id, card_id, seats=seats)))

    assert answer.reason == "PLACE_NOT_ELIGIBLE"
    assert answer.metadata["ineligible_reason"] == "NO_PLACES_LEFT"
    assert answer.metadata["seat_id"] == "F3"
    assert await wallet.balances(account_id, card_id) == (3, 0, 0)


async def test_a_refused_reserve_leaves_its_key_free(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = a_reserve(account_id, card_id, screening=a_screening(event_kind="OPERA"))
    await refused(wallet.reserve(request))
    request.screening.event_kind = "FILM"

    answer = await wallet.reserve(request)

    assert answer.state == RESERVED


async def test_somebody_elses_card_is_not_found(wallet: Wallet):
    card_id = await wallet.registered_card(uuid4())

    answer = await refused(wallet.reserve(a_reserve(uuid4(), card_id)))

    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "CARD_NOT_FOUND")


async def test_a_seat_named_twice_is_refused(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)

    answer = await refused(
        wallet.reserve(a_reserve(account_id, card_id, seats=[a_seat(), a_seat()]))
    )

    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("command", ["CapturePlaces", "RestorePlaces"])
async def test_an_unknown_key_is_not_found(wallet: Wallet, command: str):
    key = a_key()

    answer = await refused(wallet.command(command, key))

    assert (answer.code, answer.reason) == (
        grpc.StatusCode.NOT_FOUND,
        "RESERVATION_NOT_FOUND",
    )
    assert answer.metadata["leg"] == "places-1"


@pytest.mark.rule("CARD-19")
async def test_a_release_frees_the_places_and_a_late_one_changes_nothing(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    released, captured = a_key(), a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=released))
    await wallet.reserve(a_reserve(account_id, card_id, key=captured))
    await wallet.command("CapturePlaces", captured)

    first = await wallet.command("ReleasePlaces", released)
    late = await wallet.command("ReleasePlaces", captured)

    assert (first.state, late.state) == (RELEASED, CAPTURED)
    assert await wallet.balances(account_id, card_id) == (2, 0, 1)


async def test_a_release_of_something_unknown_refuses_a_late_reserve(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key = a_key()

    answer = await wallet.command("ReleasePlaces", key)
    late = await refused(wallet.reserve(a_reserve(account_id, card_id, key=key)))
    later = await refused(wallet.command("CapturePlaces", key))

    assert answer.state == RELEASED
    assert (late.reason, later.reason) == ("RESERVATION_RELEASED", "RESERVATION_RELEASED")
    assert await wallet.balances(account_id, card_id) == (3, 0, 0)


async def test_another_attempt_reserves_after_the_first_was_released(wallet: Wallet):
    account_id, order_id = uuid4(), uuid4()
    card_id = await wallet.registered_card(account_id)
    await wallet.command("ReleasePlaces", a_key(order_id, attempt=1))

    answer = await wallet.reserve(a_reserve(account_id, card_id, key=a_key(order_id, attempt=2)))

    assert answer.state == RESERVED


@pytest.mark.rule("CARD-18")
async def test_used_places_go_back_to_their_card_with_their_old_expiry(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key, seats=[a_seat(), a_seat("F8")]))
    await wallet.command("CapturePlaces", key)

    first = await wallet.command("RestorePlaces", key)
    again = await wallet.command("RestorePlaces", key)

    card = await wallet.card(account_id, card_id)
    assert (first.state, again.state) == (RESTORED, RESTORED)
    assert [(lot.places_left, lot.last_screening_date) for lot in card.lots] == [(3, "2027-05-20")]


async def test_reserved_places_cannot_be_restored(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key))

    answer = await refused(wallet.command("RestorePlaces", key))

    assert answer.reason == "RESERVATION_NOT_CAPTURED"
    assert await wallet.balances(account_id, card_id) == (2, 1, 0)


async def test_capture_and_restore_are_told_in_contiguous_versions_of_the_card(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key))
    for command in ("CapturePlaces", "CapturePlaces", "RestorePlaces", "RestorePlaces"):
        await wallet.command(command, key)

    events = await wallet.database.fetch(
        "SELECT type, aggregate_version FROM outbox WHERE aggregate_id = $1 ORDER BY 2",
        str(card_id),
    )

    assert [tuple(row) for row in events] == [
        ("CardIssued", 1),
        ("PlacesCaptured", 2),
        ("PlacesRestored", 3),
    ]


async def test_only_booking_may_reserve(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    request = a_reserve(account_id, card_id)

    answer = await refused(wallet.tenders.ReservePlaces(request, metadata=as_account(account_id)))

    assert answer.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_screening_on_a_date_that_does_not_exist_is_refused(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    screening = a_screening(local_date="2027-02-30")

    answer = await refused(wallet.reserve(a_reserve(account_id, card_id, screening=screening)))

    assert answer.reason == "INVALID_DATE"
