"""What an order costs, and which tender pays which part: fixed when it is placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.booking.domain.hold import SeatQuote
from services.booking.domain.order_errors import (
    CardNotFoundError,
    PlaceNotEligibleError,
    TenderSeatMismatchError,
)
from services.booking.domain.tenders import CardOption
from services.common.money import Money

PAYMENT_LEG = "payment"
NOT_ELIGIBLE = "OTHER"
NO_PLACES_LEFT = "NO_PLACES_LEFT"


class Part(StrEnum):
    """A part of a line that is paid on its own."""

    PRICE = "PRICE"
    SUPPLEMENT = "SUPPLEMENT"
    SERVICE_FEE = "SERVICE_FEE"

    @property
    def refundable(self) -> bool:
        """Whether it comes back when the cinema calls the screening off: never the fee."""
        return self is not Part.SERVICE_FEE


@dataclass(frozen=True, slots=True)
class Allocation:
    """How much of a part one leg pays; more than zero."""

    part: Part
    leg: str
    amount: Money


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One seat. The allocations add up to price, supplement and fee, part by part.

    `regular_price` is the price without the promotion, else None. Lines of one package share its
    code and number: it is bought, cancelled and given back whole.
    """

    seat_id: str
    row_name: str
    seat_number: str
    area: str
    ticket_type: str
    proof: str
    price: Money
    supplement: Money
    service_fee: Money
    allocations: tuple[Allocation, ...]
    regular_price: Money | None = None
    package: str = ""
    package_number: int = 0

    @property
    def amounts(self) -> tuple[Money, Money, Money]:
        return self.price, self.supplement, self.service_fee


@dataclass(frozen=True, slots=True)
class PlaceTender:
    """Seats that one prepaid card is to pay, as the customer asked."""

    card_id: UUID
    seat_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceCover:
    """A seat that a card may pay, and the supplement that stays due in money."""

    leg: str
    card_id: UUID
    supplement_due: Money
    holder_checked: bool = False


def places_leg(number: int) -> str:
    """Name the leg of the n-th card, from 1."""
    return f"places-{number}"


def check_tenders(seat_ids: Sequence[str], tenders: Sequence[PlaceTender]) -> None:
    """Raise TENDER_SEAT_MISMATCH unless each tendered seat is held and tendered once."""
    free = set(seat_ids)
    for tender in tenders:
        for seat_id in tender.seat_ids:
            if seat_id not in free:
                raise TenderSeatMismatchError(seat_id)
            free.remove(seat_id)


def make_lines(
    seats: Sequence[SeatQuote], covers: Mapping[str, PlaceCover], *, fee_on_places: bool
) -> tuple[OrderLine, ...]:
    """Split each seat's cost over its tenders.

    A place pays the base price and what the card includes of the supplement; money pays the rest.
    A seat that a place pays bears no fee unless the cinema says so.
    """
    return tuple(_line(seat, covers.get(seat.seat_id), fee_on_places) for seat in seats)


def total_of(lines: Sequence[OrderLine], currency: str) -> Money:
    """Add up what everything costs."""
    amounts = [amount for line in lines for amount in line.amounts]
    return Money.sum(amounts, currency=currency)


def money_due_of(lines: Sequence[OrderLine], currency: str) -> Money:
    """Add up what is paid in money."""
    amounts = [
        allocation.amount
        for line in lines
        for allocation in line.allocations
        if allocation.leg == PAYMENT_LEG
    ]
    return Money.sum(amounts, currency=currency)


def refundable_money_of(lines: Sequence[OrderLine], currency: str) -> Money:
    """Add up the money that tickets and supplements cost: what a remedy gives back, no fee."""
    amounts = [
        allocation.amount
        for line in lines
        for allocation in line.allocations
        if allocation.leg == PAYMENT_LEG and allocation.part.refundable
    ]
    return Money.sum(amounts, currency=currency)


def fee_money_of(lines: Sequence[OrderLine], currency: str) -> Money:
    """Add up the money that service fees cost: what only an override of staff gives back."""
    amounts = [
        allocation.amount
        for line in lines
        for allocation in line.allocations
        if allocation.leg == PAYMENT_LEG and allocation.part is Part.SERVICE_FEE
    ]
    return Money.sum(amounts, currency=currency)


def _line(seat: SeatQuote, cover: PlaceCover | None, fee_on_places: bool) -> OrderLine:  # noqa: FBT001
    bears_fee = cover is None or fee_on_places
    fee = seat.service_fee if bears_fee else Money.zero(seat.price.currency)
    price_leg = PAYMENT_LEG if cover is None else cover.leg
    supplement_due = seat.supplement if cover is None else _due(seat, cover)
    shares = (
        (Part.PRICE, price_leg, seat.price),
        (Part.SUPPLEMENT, price_leg, seat.supplement - supplement_due),
        (Part.SUPPLEMENT, PAYMENT_LEG, supplement_due),
        (Part.SERVICE_FEE, PAYMENT_LEG, fee),
    )
    return OrderLine(
        seat_id=seat.seat_id,
        row_name=seat.row_name,
        seat_number=seat.seat_number,
        area=seat.area,
        ticket_type=seat.ticket_type,
        proof=seat.proof,
        price=seat.price,
        supplement=seat.supplement,
        service_fee=fee,
        allocations=tuple(Allocation(*share) for share in shares if share[-1]),
        regular_price=seat.regular_price,
        package=seat.package,
        package_number=seat.package_number,
    )


def _due(seat: SeatQuote, cover: PlaceCover) -> Money:
    """Trust the wallet's answer only within what the supplement costs."""
    if not Money.zero(seat.supplement.currency) <= cover.supplement_due <= seat.supplement:
        raise PlaceNotEligibleError(cover.card_id, seat.seat_id, "SUPPLEMENT_DIFFERS")
    return cover.supplement_due


def cover_seats(
    tenders: Sequence[PlaceTender], cards: Sequence[CardOption]
) -> dict[str, PlaceCover]:
    """Say which card pays which seat, by what the wallet knows of the cards.

    CARD_NOT_FOUND for a card that is not in the wallet, PLACE_NOT_ELIGIBLE with its reason.
    """
    options = {card.card_id: card for card in cards}
    covers: dict[str, PlaceCover] = {}
    for number, tender in enumerate(tenders, start=1):
        card = options.get(tender.card_id)
        if card is None:
            raise CardNotFoundError(tender.card_id)
        for used, seat_id in enumerate(tender.seat_ids):
            due = card.supplement_due.get(seat_id)
            if due is None:
                reason = card.ineligible_reasons.get(seat_id, NOT_ELIGIBLE)
                raise PlaceNotEligibleError(tender.card_id, seat_id, reason)
            if used >= card.places_usable:
                raise PlaceNotEligibleError(tender.card_id, seat_id, NO_PLACES_LEFT)
            covers[seat_id] = PlaceCover(
                places_leg(number), tender.card_id, due, holder_checked=card.holder_checked
            )
    return covers
