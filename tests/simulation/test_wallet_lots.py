"""Random commands on a card's legs, against a model that keeps one state per leg."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.wallet.domain.card import Card, PlaceLot
from services.wallet.domain.eligibility import judge
from services.wallet.domain.entries import (
    EntryKind,
    PlaceEntry,
    PlaceMove,
    soonest_expiring,
    with_grace,
)
from services.wallet.domain.errors import (
    PlaceNotEligibleError,
    ReservationNotCapturedError,
    ReservationReleasedError,
)
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import (
    Reservation,
    ReservedSeat,
    Subject,
    reserve_entries,
)
from tests.unit.wallet.builders import a_card, a_screening, a_seat

FIRST_DATE = date(2027, 5, 1)
S = ReservationState


@dataclass
class Ledger:
    """One card's lots, moved by entries alone; a step is refused when a balance would go below 0."""

    card: Card
    entries: list[PlaceEntry] = field(default_factory=list)

    def post(self, entries: list[PlaceEntry]) -> None:
        lots = {lot.id: lot for lot in self.card.lots}
        for entry in entries:
            lot = lots[entry.lot_id]
            lots[entry.lot_id] = replace(
                lot,
                places_left=lot.places_left + entry.move.left,
                places_reserved=lot.places_reserved + entry.move.reserved,
                places_used=lot.places_used + entry.move.used,
            )
        self.card = replace(self.card, lots=list(lots.values()))
        self.entries.extend(entries)


class WalletLots(RuleBasedStateMachine):
    """Whatever is sent, in whatever order, no place is lost, doubled, or used after its date."""

    legs = Bundle("legs")

    def __init__(self) -> None:
        super().__init__()
        lots = [PlaceLot(uuid4(), FIRST_DATE + timedelta(days=day), 2, 0, 0) for day in (0, 5, 5)]
        self.ledger = Ledger(a_card(lots=lots))
        self.issued = 6
        self.issued_to = {lot.id: lot.places_left for lot in lots}
        self.reservations: dict[UUID, Reservation] = {}

    @rule(target=legs)
    def a_new_order(self) -> UUID:
        return uuid4()

    @rule(leg=legs, day=st.integers(-1, 7), count=st.integers(1, 3))
    def reserve(self, leg: UUID, day: int, count: int) -> None:
        if leg in self.reservations:
            return
        card = self.ledger.card
        screening = a_screening(local_date=FIRST_DATE + timedelta(days=day))
        seats = [a_seat(f"F{number}") for number in range(count)]
        covering = card.places_valid_on(screening.local_date)
        try:
            judge(card, screening, seats, seats_paid=0).must_cover(card.id, seats)
        except PlaceNotEligibleError:
            assert covering < count
            return
        lots = soonest_expiring(card.lots, screening.local_date, count)
        chosen = [ReservedSeat(s.seat_id, lot, None) for s, lot in zip(seats, lots, strict=True)]
        dates = {lot.id: lot.last_screening_date for lot in card.lots}
        assert all(dates[lot] >= screening.local_date for lot in lots)
        subject = Subject(
            uuid4(), card.id, screening.screening_id, frozenset(s.seat_id for s in seats)
        )
        self.reservations[leg] = Reservation(LegKey(leg, "p", 1), subject, chosen, S.RESERVED)
        self.ledger.post(reserve_entries(chosen))

    @rule(leg=legs)
    def capture(self, leg: UUID) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            return
        try:
            self.ledger.post(reservation.capture())
        except ReservationReleasedError:
            assert reservation.state is S.RELEASED

    @rule(leg=legs)
    def release(self, leg: UUID) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            self.reservations[leg] = Reservation(LegKey(leg, "p", 1), None, (), S.RELEASED)
            return
        self.ledger.post(reservation.release())

    @rule(leg=legs, today=st.integers(-1, 7), by_cinema=st.booleans())
    def restore(self, leg: UUID, today: int, *, by_cinema: bool) -> None:
        if (reservation := self.reservations.get(leg)) is None:
            return
        try:
            entries = reservation.restore()
        except ReservationNotCapturedError:
            assert reservation.state in {S.RESERVED, S.RELEASED}
            return
        if entries and by_cinema:
            entries = self._graced(entries, FIRST_DATE + timedelta(days=today))
        self.ledger.post(entries)

    def _graced(self, entries: list[PlaceEntry], today: date) -> list[PlaceEntry]:
        """Give places of lots that are over a lot that lasts, as RestorePlaces does."""
        lots = self.ledger.card.lots
        expired = {lot.id for lot in lots if lot.last_screening_date < today}
        lot_id = self._new_lot(today + timedelta(days=60))
        return with_grace(entries, expired, lot_id)

    @rule(day=st.integers(0, 9))
    def extend(self, day: int) -> None:
        """Places left move into a lot of their own that lasts longer."""
        last_date = FIRST_DATE + timedelta(days=day)
        old = [
            lot
            for lot in self.ledger.card.lots
            if lot.places_left and lot.last_screening_date < last_date
        ]
        places = sum(lot.places_left for lot in old)
        lot_id = self._new_lot(last_date)
        moves = [(lot.id, -lot.places_left) for lot in old] + [(lot_id, places)]
        self.ledger.post(
            [
                PlaceEntry(EntryKind.EXTEND, each, "", PlaceMove(moved, 0, 0))
                for each, moved in moves
            ]
        )

    def _new_lot(self, last_date: date) -> UUID:
        lot = PlaceLot(uuid4(), last_date, 0, 0, 0)
        self.ledger.card = replace(self.ledger.card, lots=[*self.ledger.card.lots, lot])
        return lot.id

    @rule(leg=legs)
    def reserve_again(self, leg: UUID) -> None:
        """A repeat of the command finds what is there, and takes nothing more."""
        reservation = self.reservations.get(leg)
        if reservation is None or reservation.subject is None:
            return
        try:
            reservation.confirm_same(reservation.subject)
        except ReservationReleasedError:
            assert reservation.state is S.RELEASED

    @invariant()
    def no_balance_is_below_zero(self) -> None:
        for lot in self.ledger.card.lots:
            assert min(lot.places_left, lot.places_reserved, lot.places_used) >= 0

    @invariant()
    def each_balance_is_the_sum_of_its_entries(self) -> None:
        moved = Counter[UUID]()
        for entry in self.ledger.entries:
            moved[entry.lot_id] += entry.move.left
        for lot in self.ledger.card.lots:
            assert lot.places_left == self.issued_to.get(lot.id, 0) + moved[lot.id]

    @invariant()
    def no_place_is_lost_or_doubled(self) -> None:
        card = self.ledger.card
        assert card.places_left + card.places_reserved + card.places_used == self.issued

    @invariant()
    def balances_are_what_the_legs_say(self) -> None:
        def seats_in(state: ReservationState) -> int:
            found = [each for each in self.reservations.values() if each.state is state]
            return sum(len(each.seats) for each in found)

        assert self.ledger.card.places_reserved == seats_in(S.RESERVED)
        assert self.ledger.card.places_used == seats_in(S.CAPTURED)


WalletLots.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, database=None
)
TestWalletLots = WalletLots.TestCase
