"""What a client sees of HoldSeats and ChangeHold with the tenders in the same answer."""

from uuid import UUID, uuid4

import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from services.booking.domain.errors import ScreeningNotFoundError
from tests.kit.booking_fakes import lapse
from tests.kit.booking_rpc import Metadata, as_account, as_guest
from tests.kit.booking_seats import HOLD_SECONDS
from tests.rpc.booking.conftest import Booking
from tests.rpc.booking.test_change_hold import change_request
from tests.rpc.booking.test_hold_seats import hold_request
from tests.rpc.booking.test_list_tenders import a_card


async def listed(booking: Booking, hold: hold_pb2.Hold, caller: Metadata) -> pb.HoldTenders:
    """Ask ListTenders, and leave out the hold."""
    page = await booking.stub.ListTenders(
        pb.ListTendersRequest(screening_id=hold.screening_id, hold_id=hold.id), metadata=caller
    )
    return pb.HoldTenders(
        cards=page.cards,
        places_available=page.places_available,
        ticket_prices=page.ticket_prices,
    )


@pytest.mark.rule("CARD-2")
async def test_a_guest_who_holds_seats_is_told_what_list_tenders_would_tell(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    request = hold_request(screening_id, ["A1", "A2"], with_tenders=True)

    answer = await booking.stub.HoldSeats(request, metadata=guest)

    assert answer.tenders == await listed(booking, answer.hold, guest)
    assert [each.ticket_type for each in answer.tenders.ticket_prices] == [
        "ADULT",
        "CHILD",
        "STUDENT",
    ]
    assert answer.tenders.places_available
    assert answer.outcome == pb.HoldSeatsResponse.OUTCOME_HELD


@pytest.mark.rule("CARD-1")
async def test_an_account_that_holds_seats_sees_its_cards_seat_by_seat(
    booking: Booking, screening_id: UUID
) -> None:
    account_id = uuid4()
    booking.cards.options[account_id] = [a_card(), a_card(A1=500)]
    account = as_account(account_id)
    request = hold_request(screening_id, ["A1", "A2"], with_tenders=True)

    answer = await booking.stub.HoldSeats(request, metadata=account)

    assert answer.tenders == await listed(booking, answer.hold, account)
    eligible, other = answer.tenders.cards[0].seats
    assert (eligible.seat_id, eligible.eligible, eligible.money_due.minor_units) == (
        "A1",
        True,
        500,
    )
    assert (other.eligible, other.ineligible_reason) == (False, "NO_PLACES_LEFT")


async def test_nobody_is_told_tenders_who_does_not_ask(
    booking: Booking, screening_id: UUID
) -> None:
    booking.cards.is_down = True

    answer = await booking.stub.HoldSeats(hold_request(screening_id), metadata=as_account(uuid4()))

    assert not answer.HasField("tenders")


async def test_a_silent_wallet_costs_the_cards_and_not_the_hold(
    booking: Booking, screening_id: UUID
) -> None:
    booking.cards.is_down = True
    request = hold_request(screening_id, with_tenders=True)

    answer = await booking.stub.HoldSeats(request, metadata=as_account(uuid4()))

    assert answer.hold.state == hold_pb2.Hold.STATE_ACTIVE
    assert answer.HasField("tenders")
    assert not answer.tenders.places_available
    assert answer.tenders.ticket_prices


async def test_a_hold_stands_without_tenders_when_they_are_refused(
    booking: Booking, screening_id: UUID
) -> None:
    booking.cards.refusal = ScreeningNotFoundError(screening_id)
    request = hold_request(screening_id, with_tenders=True)

    answer = await booking.stub.HoldSeats(request, metadata=as_account(uuid4()))

    assert answer.hold.state == hold_pb2.Hold.STATE_ACTIVE
    assert not answer.HasField("tenders")


async def test_a_repeat_gets_the_same_hold_and_what_can_pay_it_now(
    booking: Booking, screening_id: UUID
) -> None:
    account_id = uuid4()
    account, request = as_account(account_id), hold_request(screening_id, with_tenders=True)
    first = await booking.stub.HoldSeats(request, metadata=account)
    same = await booking.stub.HoldSeats(request, metadata=account)
    booking.cards.options[account_id] = [a_card(A1=0)]

    later = await booking.stub.HoldSeats(request, metadata=account)

    assert same.SerializeToString() == first.SerializeToString()
    assert later.hold == first.hold
    assert (len(first.tenders.cards), len(later.tenders.cards)) == (0, 1)


async def test_a_repeat_after_the_holds_end_gets_the_same_hold_without_tenders(
    booking: Booking, screening_id: UUID
) -> None:
    guest, request = as_guest(), hold_request(screening_id, with_tenders=True)
    first = await booking.stub.HoldSeats(request, metadata=guest)
    lapse(booking.seats, HOLD_SECONDS)

    repeated = await booking.stub.HoldSeats(request, metadata=guest)

    assert repeated.hold == first.hold
    assert not repeated.HasField("tenders")


async def test_who_is_suggested_other_seats_is_told_what_those_cost(
    booking: Booking, screening_id: UUID
) -> None:
    await booking.stub.HoldSeats(hold_request(screening_id, ["A1"]), metadata=as_guest())
    request = hold_request(screening_id, ["A1"], or_suggest=True, with_tenders=True)

    answer = await booking.stub.HoldSeats(request, metadata=as_guest())

    assert answer.outcome == pb.HoldSeatsResponse.OUTCOME_SUGGESTED
    assert answer.refusal_reason == "SEAT_UNAVAILABLE"
    assert answer.tenders.ticket_prices


async def test_a_changed_hold_comes_with_its_tenders_and_so_does_the_repeat(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    held = await booking.stub.HoldSeats(
        hold_request(screening_id, ["A1", "A2"], tickets=[]), metadata=guest
    )
    change = change_request(
        held.hold,
        tickets=[("ADULT", 1), ("CHILD", 1)],
        promotion_code="SPRING",
        with_tenders=True,
    )

    changed = await booking.stub.ChangeHold(change, metadata=guest)
    repeated = await booking.stub.ChangeHold(change, metadata=guest)

    assert changed.tenders == await listed(booking, changed.hold, guest)
    assert changed.tenders.ticket_prices[0].HasField("regular_price")
    assert repeated.SerializeToString() == changed.SerializeToString()
