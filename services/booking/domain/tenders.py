"""What can pay a hold besides money: an account's prepaid cards, seat by seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.hold import Hold, SeatQuote
from services.booking.domain.prices import PriceTable
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class CardOption:
    """A card as the wallet judges it.

    `supplement_due` has the eligible seats, `ineligible_reasons` the others, by seat ID.
    `holder_checked`: it is a person's own.
    """

    card_id: UUID
    product_name: str
    masked_number: str
    places_usable: int
    supplement_due: dict[str, Money]
    ineligible_reasons: dict[str, str]
    holder_checked: bool = False


@dataclass(frozen=True, slots=True)
class SeatOption:
    """A seat and whether a card may pay it; `money_due` is what stays to be paid in money."""

    seat_id: str
    eligible: bool
    ineligible_reason: str
    money_due: Money


@dataclass(frozen=True, slots=True)
class Tenders:
    """The tariff page: the hold, the account's cards when they could be looked up, its prices.

    Holds of before prices were kept have none.
    """

    hold: Hold
    cards: Sequence[CardOption]
    places_available: bool
    prices: PriceTable | None


def seat_options(hold: Hold, card: CardOption) -> list[SeatOption]:
    """Say for each seat of a hold what a card leaves to pay."""
    return [_seat_option(hold, seat, card) for seat in hold.seats]


def _seat_option(hold: Hold, seat: SeatQuote, card: CardOption) -> SeatOption:
    supplement_due = card.supplement_due.get(seat.seat_id)
    if supplement_due is None:
        reason = card.ineligible_reasons.get(seat.seat_id, "")
        return SeatOption(seat.seat_id, eligible=False, ineligible_reason=reason,
                          money_due=seat.total)  # fmt: skip
    fee = seat.service_fee if hold.terms.fee_on_places else Money.zero(hold.terms.currency)
    return SeatOption(
        seat.seat_id, eligible=True, ineligible_reason="", money_due=supplement_due + fee
    )
