"""Each move of a reservation, allowed and forbidden."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.wallet.domain.entries import (
    EntryKind,
    PlaceEntry,
    PlaceMove,
    soonest_expiring,
    with_grace,
)
from services.wallet.domain.errors import (
    ReservationDiffersError,
    ReservationNotCapturedError,
    ReservationReleasedError,
)
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import (
    Reservation,
    ReservedSeat,
    Subject,
)
from tests.unit.wallet.builders import a_lot

S = ReservationState
Step = Callable[[Reservation], list[PlaceEntry]]


def a_reservation(state: ReservationState) -> Reservation:
    subject = Subject(uuid4(), uuid4(), uuid4(), frozenset({"F7"}))
    seats = [ReservedSeat("F7", uuid4(), None)]
    return Reservation(LegKey(uuid4(), "places-1", 1), subject, seats, state)


@pytest.mark.parametrize(
    ("step", "before", "after", "kind"),
    [
        (Reservation.capture, S.RESERVED, S.CAPTURED, EntryKind.CAPTURE),
        (Reservation.capture, S.CAPTURED, S.CAPTURED, None),
        (Reservation.capture, S.RESTORED, S.RESTORED, None),
        (Reservation.release, S.RESERVED, S.RELEASED, EntryKind.RELEASE),
        (Reservation.release, S.CAPTURED, S.CAPTURED, None),
        (Reservation.release, S.RELEASED, S.RELEASED, None),
        (Reservation.release, S.RESTORED, S.RESTORED, None),
        (Reservation.restore, S.CAPTURED, S.RESTORED, EntryKind.RESTORE),
        (Reservation.restore, S.RESTORED, S.RESTORED, None),
    ],
)
def test_an_allowed_step_moves_each_seats_place_once(
    step: Step, before: ReservationState, after: ReservationState, kind: EntryKind | None
):
    reservation = a_reservation(before)

    entries = step(reservation)

    assert reservation.state is after
    assert [entry.kind for entry in entries] == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("step", "state", "refusal"),
    [
        (Reservation.capture, S.RELEASED, ReservationReleasedError),
        (Reservation.restore, S.RESERVED, ReservationNotCapturedError),
        (Reservation.restore, S.RELEASED, ReservationNotCapturedError),
    ],
)
def test_a_forbidden_step_is_refused_and_changes_nothing(
    step: Step, state: ReservationState, refusal: type[Exception]
):
    reservation = a_reservation(state)

    with pytest.raises(refusal):
        step(reservation)

    assert reservation.state is state


def test_a_repeat_must_ask_for_the_same():
    reservation = a_reservation(S.RESERVED)
    assert reservation.subject is not None
    other = Subject(uuid4(), uuid4(), uuid4(), frozenset({"F8"}))

    reservation.confirm_same(reservation.subject)

    with pytest.raises(ReservationDiffersError):
        reservation.confirm_same(other)
    with pytest.raises(ReservationReleasedError):
        a_reservation(S.RELEASED).confirm_same(other)


def test_the_place_that_expires_soonest_and_still_covers_the_date_goes_first():
    expired, soon, late = UUID(int=1), UUID(int=2), UUID(int=3)
    lots = [
        a_lot(2, date(2027, 7, 1), late),
        a_lot(2, date(2027, 5, 19), expired),
        a_lot(1, date(2027, 5, 20), soon),
    ]

    chosen = soonest_expiring(lots, date(2027, 5, 20), 2)

    assert chosen == [soon, late]


def test_grace_moves_only_the_places_of_expired_lots():
    expired, fresh, grace = uuid4(), uuid4(), uuid4()
    back = PlaceMove(left=1, reserved=0, used=-1)
    entries = [
        PlaceEntry(EntryKind.RESTORE, expired, "F7", back),
        PlaceEntry(EntryKind.RESTORE, fresh, "F8", back),
    ]

    moved = with_grace(entries, {expired}, grace)

    assert [(entry.kind, entry.lot_id, entry.move) for entry in moved] == [
        (EntryKind.RESTORE, expired, PlaceMove(0, 0, -1)),
        (EntryKind.GRACE, grace, PlaceMove(1, 0, 0)),
        (EntryKind.RESTORE, fresh, back),
    ]
