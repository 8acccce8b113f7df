"""What a client sees of ListTenders."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.tenders import CardOption
from services.common.money import Money
from tests.kit.booking_fakes import lapse
from tests.kit.booking_rpc import Metadata, as_account, as_guest, refused
from tests.kit.booking_seats import HOLD_SECONDS
from tests.rpc.booking.conftest import Booking
from tests.rpc.booking.test_hold_seats import hold_request


async def tenders_request(
    booking: Booking, screening_id: UUID, caller: Metadata
) -> pb.ListTendersRequest:
    request = hold_request(screening_id, ["A1", "A2"])
    held = await booking.stub.HoldSeats(request, metadata=caller)
    return pb.ListTendersRequest(screening_id=str(screening_id), hold_id=held.hold.id)


def a_card(**supplement_due: int) -> CardOption:
    return CardOption(
        card_id=uuid4(),
        product_name="3 places",
        masked_number="****4711",
        places_usable=len(supplement_due),
        supplement_due={
            seat_id: Money("RON", minor_units) for seat_id, minor_units in supplement_due.items()
        },
        ineligible_reasons={
            seat_id: "NO_PLACES_LEFT" for seat_id in ("A1", "A2") if seat_id not in supplement_due
        },
    )


@pytest.mark.rule("CARD-2")
async def test_a_guest_sees_prices_and_no_cards(booking: Booking, screening_id: UUID) -> None:
    guest = as_guest()

    answer = await booking.stub.ListTenders(
        await tenders_request(booking, screening_id, guest), metadata=guest
    )

    assert answer.hold.total.minor_units == 2 * 3_200
    assert not answer.cards
    assert answer.places_available


@pytest.mark.rule("CARD-1")
@pytest.mark.rule("CARD-1")
@pytest.mark.rule("CARD-2")
async def test_an_account_sees_its_cards_seat_by_seat_eligible_ones_first(
    booking: Booking, screening_id: UUID
) -> None:
    account_id = uuid4()
    useless, useful = a_card(), a_card(A1=500)
    booking.cards.options[account_id] = [useless, useful]
    account = as_account(account_id)

    answer = await booking.stub.ListTenders(
        await tenders_request(booking, screening_id, account), metadata=account
    )

    assert [card.card_id for card in answer.cards] == [str(useful.card_id), str(useless.card_id)]
    eligible, other = answer.cards[0].seats
    assert (eligible.seat_id, eligible.eligible, eligible.money_due.minor_units) == (
        "A1",
        True,
        500,
    )
    assert (other.seat_id, other.eligible, other.ineligible_reason) == (
        "A2",
        False,
        "NO_PLACES_LEFT",
    )
    assert other.money_due.minor_units == 3_200


@pytest.mark.rule("CARD-3")
async def test_a_card_that_is_registered_during_the_hold_pays_at_once_and_the_clock_goes_on(
    booking: Booking, screening_id: UUID
) -> None:
    account_id = uuid4()
    account = as_account(account_id)
    request = await tenders_request(booking, screening_id, account)
    before = await booking.stub.ListTenders(request, metadata=account)
    booking.cards.options[account_id] = [a_card(A1=0, A2=0)]
    lapse(booking.seats, 90)

    after = await booking.stub.ListTenders(request, metadata=account)

    assert not before.cards
    assert [seat.eligible for card in after.cards for seat in card.seats] == [True, True]
    assert after.hold.expire_time == before.hold.expire_time
    assert after.hold.time_left.seconds == HOLD_SECONDS - 90


@pytest.mark.rule("CARD-2")
async def test_cards_are_the_accounts_own_and_nobody_elses(
    booking: Booking, screening_id: UUID
) -> None:
    booking.cards.options[uuid4()] = [a_card(A1=0)]
    account, guest = as_account(uuid4()), as_guest()

    for caller, seats in ((account, ["A1", "A2"]), (guest, ["B1", "B2"])):
        held = await booking.stub.HoldSeats(hold_request(screening_id, seats), metadata=caller)
        answer = await booking.stub.ListTenders(
            pb.ListTendersRequest(screening_id=str(screening_id), hold_id=held.hold.id),
            metadata=caller,
        )
        assert not answer.cards


@pytest.mark.rule("CARD-3")
async def test_a_card_registered_meanwhile_is_offered_and_the_holds_clock_runs_on(
    booking: Booking, screening_id: UUID
) -> None:
    account_id = uuid4()
    account = as_account(account_id)
    request = await tenders_request(booking, screening_id, account)
    before = await booking.stub.ListTenders(request, metadata=account)
    lapse(booking.seats, 60)
    booking.cards.options[account_id] = [a_card(A1=500)]

    after = await booking.stub.ListTenders(request, metadata=account)

    assert (len(before.cards), len(after.cards)) == (0, 1)
    assert after.hold.expire_time == before.hold.expire_time
    assert after.hold.time_left.seconds <= before.hold.time_left.seconds - 60


async def test_a_silent_wallet_costs_the_cards_and_not_the_page(
    booking: Booking, screening_id: UUID
) -> None:
    booking.cards.is_down = True
    account = as_account(uuid4())

    answer = await booking.stub.ListTenders(
        await tenders_request(booking, screening_id, account), metadata=account
    )

    assert not answer.places_available
    assert answer.hold.total.minor_units == 2 * 3_200


async def test_nothing_pays_a_hold_that_is_over(booking: Booking, screening_id: UUID) -> None:
    guest = as_guest()
    request = await tenders_request(booking, screening_id, guest)
    lapse(booking.seats, HOLD_SECONDS)

    refusal = await refused(booking.stub.ListTenders(request, metadata=guest))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "HOLD_EXPIRED")


async def test_an_unknown_hold_is_not_found(booking: Booking, screening_id: UUID) -> None:
    request = pb.ListTendersRequest(screening_id=str(screening_id), hold_id=str(uuid4()))

    refusal = await refused(booking.stub.ListTenders(request, metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "HOLD_NOT_FOUND")
