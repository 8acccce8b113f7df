"""Seats and holds as booking's messages."""

from datetime import timedelta
from functools import lru_cache
from typing import TypeAlias, cast

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, seat_pb2

from services.booking.domain.best_seats import Party, PartyKind
from services.booking.domain.hold import Hold, HoldState, SeatQuote
from services.booking.domain.order_payments import OUTAGE
from services.booking.domain.prices import PriceTable, Promotion, TicketCost
from services.booking.domain.seats import SeatMap
from services.booking.domain.tenders import CardOption, SeatOption, Tenders, seat_options
from services.common.money import Money
from services.common.rpc.fields import Fields
from services.common.rpc.money import money_fields, money_to_proto
from services.common.rpc.times import span_fields, time_fields

_HOLD_STATES = {
    HoldState.ACTIVE: hold_pb2.Hold.STATE_ACTIVE,
    HoldState.ORDERED: hold_pb2.Hold.STATE_ORDERED,
    HoldState.RELEASED: hold_pb2.Hold.STATE_RELEASED,
    HoldState.EXPIRED: hold_pb2.Hold.STATE_EXPIRED,
}
MAX_PACKED_PRICES = 500
HoldResponse: TypeAlias = pb.HoldSeatsResponse | pb.ChangeHoldResponse
_PARTY_KINDS = {
    pb.BestSeats.KIND_UNSPECIFIED: PartyKind.ORDINARY,
    pb.BestSeats.KIND_WHEELCHAIR: PartyKind.WHEELCHAIR,
    pb.BestSeats.KIND_SOFA: PartyKind.SOFA,
}
_STATES_FIELD = pb.GetSeatMapResponse.STATES_FIELD_NUMBER
_LENGTH_DELIMITED = 2
_VARINT_BITS = 7


def hold_fields(hold: Hold) -> Fields:
    """Write a hold as its owner sees it."""
    return {
        "id": str(hold.id),
        "screening_id": str(hold.screening_id),
        "state": _HOLD_STATES[hold.visible_state],
        "seats": [_quote_fields(seat) for seat in hold.seats],
        "total": money_fields(hold.total) if hold.tickets_chosen else None,
        "order_id": "" if hold.order_id is None else str(hold.order_id),
        "epoch": hold.epoch,
        "revision": hold.revision,
        "gtc_version": hold.terms.gtc_version,
        "otc_version": hold.terms.otc_version,
        "promotion": promotion_fields(hold.terms.promotion),
        "expire_time": time_fields(hold.expires_at),
        "time_left": span_fields(hold.time_left),
        "extension": extension_fields(hold.extended_by),
    }


def extension_fields(extended_by: timedelta) -> Fields:
    """Write by how much a deadline was lengthened, if it was; there is one reason for it."""
    return {"reason": OUTAGE, "extended_by": span_fields(extended_by)} if extended_by else None


def promotion_fields(promotion: Promotion | None) -> Fields:
    """Write a promotion, if there is one."""
    if promotion is None:
        return None
    return {
        "promotion_id": promotion.id,
        "code": promotion.code,
        "regulations_version": promotion.regulations_version,
    }


def money_or_unset(amount: Money | None) -> Fields:
    """Write an amount, if there is one."""
    return None if amount is None else money_fields(amount)


def held_to_proto(hold: Hold) -> pb.HoldSeatsResponse:
    suggestion = hold.suggestion
    if suggestion is None:
        return pb.HoldSeatsResponse(
            hold=hold_fields(hold), outcome=pb.HoldSeatsResponse.OUTCOME_HELD
        )
    return pb.HoldSeatsResponse(
        hold=hold_fields(hold),
        outcome=pb.HoldSeatsResponse.OUTCOME_SUGGESTED,
        lost_seats=[
            # The states are the contract's own.
            pb.LostSeat(seat_id=seat_id, state=cast("seat_pb2.SeatState.ValueType", state.value))
            for seat_id, state in suggestion.lost
        ],
        refusal_reason=suggestion.reason,
    )


def party_of(best: pb.BestSeats) -> Party:
    areas = frozenset({best.area}) if best.area else frozenset[str]()
    return Party(best.count, _PARTY_KINDS[best.kind], areas)


def tenders_to_proto(tenders: Tenders) -> pb.ListTendersResponse:
    told = _tenders_to_proto(tenders)
    return pb.ListTendersResponse(
        hold=hold_fields(tenders.hold),
        cards=told.cards,
        places_available=told.places_available,
        ticket_prices=told.ticket_prices,
    )


def pack_tenders(response: type[HoldResponse], tenders: Tenders | None) -> bytes:
    """Serialise what goes behind an answer about a hold: one message on the wire with it."""
    if tenders is None:
        return b""
    if tenders.cards or not tenders.places_available:
        packed = _tenders_to_proto(tenders).SerializeToString()
    else:
        packed = _pack_prices(tenders.prices, _areas(tenders))
    return _field(response.TENDERS_FIELD_NUMBER, packed)


def pack_seat_map(seat_map: SeatMap) -> bytes:
    """Serialise the answer of GetSeatMap.

    The states lie on the wire as they lie in the board's row: a packed repeated enum is one byte
    for each value below 128. Making the message first would cost more than all the rest.
    """
    head = pb.GetSeatMapResponse(
        screening_id=str(seat_map.screening_id),
        seat_plan_id="" if seat_map.seat_plan_id is None else str(seat_map.seat_plan_id),
        epoch=seat_map.epoch,
        revision=seat_map.revision,
    )
    return head.SerializeToString() + _field(_STATES_FIELD, seat_map.states)


def _field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | _LENGTH_DELIMITED]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 1 << _VARINT_BITS:
        encoded.append(number & 0x7F | 0x80)
        number >>= _VARINT_BITS
    encoded.append(number)
    return bytes(encoded)


def _quote_fields(seat: SeatQuote) -> Fields:
    if not seat.ticket_type:
        return {"seat_id": seat.seat_id, "area": seat.area}
    return {
        "seat_id": seat.seat_id,
        "area": seat.area,
        "ticket_type": seat.ticket_type,
        "price": money_fields(seat.price),
        "supplement": money_fields(seat.supplement),
        "service_fee": money_fields(seat.service_fee),
        "proof": seat.proof,
        "regular_price": money_or_unset(seat.regular_price),
        "package": seat.package,
        "package_number": seat.package_number,
    }


def _tenders_to_proto(tenders: Tenders) -> pb.HoldTenders:
    cards = sorted(tenders.cards, key=lambda card: not card.supplement_due)
    told = pb.HoldTenders(
        cards=[_card_to_proto(tenders.hold, card) for card in cards],
        places_available=tenders.places_available,
    )
    if tenders.prices is not None:
        told.MergeFrom(_ticket_prices(tenders.prices, _areas(tenders)))
    return told


def _areas(tenders: Tenders) -> frozenset[str]:
    return frozenset(seat.area for seat in tenders.hold.seats)


@lru_cache(maxsize=MAX_PACKED_PRICES)
def _pack_prices(prices: PriceTable | None, areas: frozenset[str]) -> bytes:
    """Serialise the tenders of a hold without cards: those of most guests are the same."""
    told = pb.HoldTenders(places_available=True)
    if prices is not None:
        told.MergeFrom(_ticket_prices(prices, areas))
    return told.SerializeToString()


@lru_cache(maxsize=MAX_PACKED_PRICES)
def _ticket_prices(prices: PriceTable, areas: frozenset[str]) -> pb.HoldTenders:
    """Write what the tickets cost: many holds ask for the same."""
    costs = prices.costs_in(areas)
    return pb.HoldTenders(ticket_prices=[_ticket_price(cost) for cost in costs])


def _ticket_price(cost: TicketCost) -> hold_pb2.TicketPrice:
    return hold_pb2.TicketPrice(
        ticket_type=cost.ticket_type,
        area=cost.area,
        price=money_to_proto(cost.price),
        supplement=money_to_proto(cost.supplement),
        service_fee=money_to_proto(cost.service_fee),
        proof=cost.proof,
        regular_price=money_or_unset(cost.regular_price),
        admissions=cost.admissions,
    )


def _card_to_proto(hold: Hold, card: CardOption) -> pb.PlaceTenderOption:
    return pb.PlaceTenderOption(
        card_id=str(card.card_id),
        product_name=card.product_name,
        masked_number=card.masked_number,
        places_usable=card.places_usable,
        seats=[_seat_to_proto(option) for option in seat_options(hold, card)],
    )


def _seat_to_proto(option: SeatOption) -> pb.PlaceTenderSeat:
    return pb.PlaceTenderSeat(
        seat_id=option.seat_id,
        eligible=option.eligible,
        ineligible_reason=option.ineligible_reason,
        money_due=money_to_proto(option.money_due),
    )
