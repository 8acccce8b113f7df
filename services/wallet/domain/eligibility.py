"""Which seats of a screening a card can pay: the screening decides, never today's date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.card import Card
from services.wallet.domain.errors import PlaceNotEligibleError
from services.wallet.domain.product import CardProduct
from services.wallet.domain.screening import ScreeningFacts, SeatFacts


class IneligibleReason(StrEnum):
    """Why a card cannot pay a seat."""

    EXPIRES_BEFORE_SCREENING = "EXPIRES_BEFORE_SCREENING"
    DAY_NOT_COVERED = "DAY_NOT_COVERED"
    FORMAT_NOT_COVERED = "FORMAT_NOT_COVERED"
    CINEMA_NOT_COVERED = "CINEMA_NOT_COVERED"
    NO_PLACES_LEFT = "NO_PLACES_LEFT"
    ONE_SEAT_PER_SCREENING = "ONE_SEAT_PER_SCREENING"
    AREA_NOT_COVERED = "AREA_NOT_COVERED"
    EVENT_KIND_NOT_COVERED = "EVENT_KIND_NOT_COVERED"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What one card can do for one screening.

    `supplements_due` holds the eligible seats with the money that stays due, `ineligible` the
    others with the reason. More seats may be eligible than `places_usable` can pay together;
    `limited_by` is the reason that one seat too many gets.
    """

    places_usable: int
    limited_by: IneligibleReason
    supplements_due: Mapping[str, Money | None]
    ineligible: Mapping[str, IneligibleReason]

    def must_cover(self, card_id: UUID, seats: Sequence[SeatFacts]) -> None:
        """Pass when all seats can be paid together, or raise PLACE_NOT_ELIGIBLE for the first."""
        for number, seat in enumerate(seats, start=1):
            reason = self.ineligible.get(seat.seat_id)
            if reason is None and number > self.places_usable:
                reason = self.limited_by
            if reason is not None:
                raise PlaceNotEligibleError(card_id, seat.seat_id, reason)


def judge(
    card: Card, screening: ScreeningFacts, seats: Sequence[SeatFacts], *, seats_paid: int
) -> Eligibility:
    """Judge a card for seats; `seats_paid` of the screening are paid by it already."""
    reason = screening_reason(card.product, screening)
    usable, limited_by = _usable(card, screening, seats_paid)
    if reason is None and usable == 0:
        reason = limited_by
    supplements: dict[str, Money | None] = {}
    ineligible: dict[str, IneligibleReason] = {}
    for seat in seats:
        seat_reason = reason or _area_reason(card.product, seat)
        if seat_reason is None:
            supplements[seat.seat_id] = _supplement_due(card.product, screening, seat)
        else:
            ineligible[seat.seat_id] = seat_reason
    return Eligibility(min(usable, len(supplements)), limited_by, supplements, ineligible)


def screening_reason(product: CardProduct, screening: ScreeningFacts) -> IneligibleReason | None:
    """Give the first reason for which the product pays no seat of the screening at all."""
    if not screening.cards_accepted or _excludes(product.cinema_ids, screening.cinema_id):
        return IneligibleReason.CINEMA_NOT_COVERED
    if screening.event_kind not in product.event_kinds:
        return IneligibleReason.EVENT_KIND_NOT_COVERED
    if _excludes(product.formats, screening.format):
        return IneligibleReason.FORMAT_NOT_COVERED
    return day_or_cinema_reason(product, screening)


def day_or_cinema_reason(
    product: CardProduct, screening: ScreeningFacts
) -> IneligibleReason | None:
    """Judge the cinema and the day alone: vouchers pay money, whatever is shown."""
    if _excludes(product.cinema_ids, screening.cinema_id):
        return IneligibleReason.CINEMA_NOT_COVERED
    if _excludes(product.weekdays, screening.local_date.isoweekday()):
        return IneligibleReason.DAY_NOT_COVERED
    if screening.public_holiday and not product.valid_on_holidays:
        return IneligibleReason.DAY_NOT_COVERED
    return None


def _usable(card: Card, screening: ScreeningFacts, seats_paid: int) -> tuple[int, IneligibleReason]:
    """Count the seats that can be paid together, and tell what stands in the way of one more."""
    places = card.places_valid_on(screening.validity_date)
    limited_by = (
        IneligibleReason.EXPIRES_BEFORE_SCREENING
        if card.places_left > places
        else IneligibleReason.NO_PLACES_LEFT
    )
    if card.product.max_seats_per_screening:
        room = max(0, card.product.max_seats_per_screening - seats_paid)
        if room < places:
            return room, IneligibleReason.ONE_SEAT_PER_SCREENING
    return places, limited_by


def _area_reason(product: CardProduct, seat: SeatFacts) -> IneligibleReason | None:
    return None if seat.area in product.areas else IneligibleReason.AREA_NOT_COVERED


def _supplement_due(
    product: CardProduct, screening: ScreeningFacts, seat: SeatFacts
) -> Money | None:
    if seat.supplement is None or not product.includes_supplement(screening.format):
        return seat.supplement
    return Money.zero(seat.supplement.currency)


def _excludes(allowed: frozenset[str] | frozenset[int], value: str | int) -> bool:
    return bool(allowed) and value not in allowed
