"""Wallet's messages to and from the domain."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import (
    card_pb2,
    tender_service_pb2,
    voucher_pb2,
    wallet_admin_service_pb2,
)

from services.common import ids
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money
from services.common.rpc.money import money_of, money_to_proto
from services.common.rpc.times import timestamp_of
from services.wallet.domain.card import Card, CardState
from services.wallet.domain.codes import masked
from services.wallet.domain.dates import parse_date
from services.wallet.domain.eligibility import IneligibleReason
from services.wallet.domain.entries import EntryKind
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.product import CardProduct, ProductKind
from services.wallet.domain.reservation import ReservedSeat
from services.wallet.domain.screening import ScreeningFacts, SeatFacts
from services.wallet.domain.voucher import Voucher
from services.wallet.use_cases.list_eligible_places import JudgedCard
from services.wallet.use_cases.read_ports import ListedCardEntry

_CARD_STATES: Final = {state: card_pb2.Card.State.Value(f"STATE_{state}") for state in CardState}
_ENTRY_KINDS: Final = {kind: card_pb2.CardEntry.Kind.Value(f"KIND_{kind}") for kind in EntryKind}
_REASONS: Final = {
    reason: card_pb2.IneligibleReason.Value(f"INELIGIBLE_REASON_{reason}")
    for reason in IneligibleReason
}
RESERVATION_STATES: Final = {
    state: tender_service_pb2.ReservationState.Value(f"RESERVATION_STATE_{state}")
    for state in ReservationState
}


_PRODUCT_KIND_VALUES: Final = {
    kind: wallet_admin_service_pb2.ProductKind.Value(f"PRODUCT_KIND_{kind}") for kind in ProductKind
}
# Clients from before the kinds send none.
_PRODUCT_KINDS: Final = {
    wallet_admin_service_pb2.PRODUCT_KIND_UNSPECIFIED: ProductKind.PLACE_CARD,
    **{value: kind for kind, value in _PRODUCT_KIND_VALUES.items()},
}


def card_to_proto(card: Card) -> card_pb2.Card:
    message = card_pb2.Card(
        id=str(card.id),
        product_code=card.product.code,
        product_name=card.product.name,
        masked_number=masked(card.last_four),
        state=_CARD_STATES[card.state],
        places_left=_shown(card, card.places_left),
        places_reserved=card.places_reserved,
        places_used=card.places_used,
        lots=[
            card_pb2.PlaceLot(
                places_left=_shown(card, lot.places_left),
                last_screening_date=lot.last_screening_date.isoformat(),
            )
            for lot in card.lots
        ],
        places_unlimited=card.product.is_unlimited,
    )
    if card.register_time is not None:
        message.register_time.CopyFrom(timestamp_of(card.register_time))
    return message


def card_entry_to_proto(entry: ListedCardEntry) -> card_pb2.CardEntry:
    message = card_pb2.CardEntry(
        kind=_ENTRY_KINDS[entry.kind],
        left_delta=entry.left,
        reserved_delta=entry.reserved,
        used_delta=entry.used,
        order_id=str(entry.order_id or ""),
        screening_id=str(entry.screening_id or ""),
        seat_id=entry.seat_id,
        last_screening_date=entry.last_screening_date.isoformat(),
    )
    message.time.CopyFrom(timestamp_of(entry.time))
    return message


def _shown(card: Card, places_left: int) -> int:
    return 0 if card.product.is_unlimited else places_left


def screening_of(
    message: card_pb2.ScreeningFacts, *, by_business_day: bool = False
) -> ScreeningFacts:
    """Read the facts; the business day is kept only where the chain counts by it."""
    counts = by_business_day and message.business_day
    return ScreeningFacts(
        screening_id=UUID(message.screening_id),
        cinema_id=message.cinema_id,
        local_date=parse_date(message.local_date),
        public_holiday=message.public_holiday,
        format=message.format,
        event_kind=message.event_kind,
        cards_accepted=message.cards_accepted,
        business_day=parse_date(message.business_day) if counts else None,
    )


def seats_of(messages: Collection[card_pb2.SeatFacts]) -> list[SeatFacts]:
    """Read the seats; raises INVALID_FIELD when one is named twice."""
    if len({message.seat_id for message in messages}) != len(messages):
        raise InvalidRequestError(FieldViolation("seats", "must not name a seat twice"))
    return [
        SeatFacts(
            seat_id=message.seat_id,
            area=message.area,
            supplement=money_of(message.supplement) if message.HasField("supplement") else None,
        )
        for message in messages
    ]


def amount_to_pay_of(message: money_pb2.Money, field: str) -> Money:
    """Read an amount that somebody pays; raises INVALID_FIELD unless it is more than zero."""
    if message.minor_units <= 0:
        raise InvalidRequestError(FieldViolation(f"{field}.minor_units", "must be more than zero"))
    return money_of(message)


def leg_key_of(message: tender_service_pb2.LegKey) -> LegKey:
    return LegKey(ids.parse(message.order_id, field="key.order_id"), message.leg, message.attempt)


def reserved_seat_to_proto(seat: ReservedSeat) -> card_pb2.EligibleSeat:
    return _eligible(seat.seat_id, seat.supplement_due)


def eligibility_to_proto(judged: JudgedCard) -> card_pb2.CardEligibility:
    card, eligibility = judged
    return card_pb2.CardEligibility(
        card_id=str(card.id),
        product_name=card.product.name,
        masked_number=masked(card.last_four),
        places_usable=eligibility.places_usable,
        eligible_seats=[_eligible(*each) for each in eligibility.supplements_due.items()],
        ineligible_seats=[
            card_pb2.IneligibleSeat(seat_id=seat_id, reason=_REASONS[reason])
            for seat_id, reason in eligibility.ineligible.items()
        ],
        holder_checked=card.product.is_personal,
    )


def product_of(message: wallet_admin_service_pb2.CardProduct) -> CardProduct:
    return CardProduct(
        code=message.code,
        name=message.name,
        places=message.places,
        formats=frozenset(message.formats),
        supplements_included=message.supplements_included,
        areas=frozenset(message.areas),
        event_kinds=frozenset(message.event_kinds),
        weekdays=frozenset(message.weekdays),
        valid_on_holidays=message.valid_on_holidays,
        cinema_ids=frozenset(message.cinema_ids),
        max_seats_per_screening=message.max_seats_per_screening,
        conditions=message.conditions,
        conditions_version=message.conditions_version,
        kind=_PRODUCT_KINDS[message.kind],
        supplement_formats=frozenset(message.supplement_formats),
        validity_days=message.validity_days,
        price=_price_of(message),
        points_price=message.points_price,
        partly_usable=message.partly_usable,
    )


def _price_of(message: wallet_admin_service_pb2.CardProduct) -> Money | None:
    """Read the price; what is sold or given by itself needs to know how long it lasts."""
    if (message.HasField("price") or message.points_price) and not message.validity_days:
        raise InvalidRequestError(
            FieldViolation("product.validity_days", "is needed with a price or a price in points")
        )
    if not message.HasField("price"):
        return None
    price = money_of(message.price)
    if price.minor_units <= 0:
        raise InvalidRequestError(FieldViolation("product.price", "must be more than zero"))
    return price


def product_to_proto(product: CardProduct) -> wallet_admin_service_pb2.CardProduct:
    return wallet_admin_service_pb2.CardProduct(
        code=product.code,
        name=product.name,
        places=product.places,
        formats=sorted(product.formats),
        supplements_included=product.supplements_included,
        areas=sorted(product.areas),
        event_kinds=sorted(product.event_kinds),
        weekdays=sorted(product.weekdays),
        valid_on_holidays=product.valid_on_holidays,
        cinema_ids=sorted(product.cinema_ids),
        max_seats_per_screening=product.max_seats_per_screening,
        conditions=product.conditions,
        conditions_version=product.conditions_version,
        kind=_PRODUCT_KIND_VALUES[product.kind],
        supplement_formats=sorted(product.supplement_formats),
        validity_days=product.validity_days,
        price=money_to_proto(product.price) if product.price else None,
        points_price=product.points_price,
        partly_usable=product.partly_usable,
    )


def voucher_to_proto(voucher: Voucher) -> voucher_pb2.Voucher:
    return voucher_pb2.Voucher(
        id=str(voucher.id),
        order_id=str(voucher.order_id),
        value=money_to_proto(voucher.value),
        left=money_to_proto(voucher.left),
        last_screening_date=voucher.last_screening_date.isoformat(),
        reserved=money_to_proto(voucher.reserved),
        spent=money_to_proto(voucher.spent),
        partly_usable=voucher.product.partly_usable,
        conditions=voucher.product.conditions,
        conditions_version=voucher.product.conditions_version,
    )


def _eligible(seat_id: str, supplement_due: Money | None) -> card_pb2.EligibleSeat:
    money: money_pb2.Money | None = (
        None if supplement_due is None else money_to_proto(supplement_due)
    )
    return card_pb2.EligibleSeat(seat_id=seat_id, supplement_due=money)
