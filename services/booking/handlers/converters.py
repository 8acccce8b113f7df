"""Seats and holds as booking's messages."""

from datetime import timedelta

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from services.booking.domain.hold import Hold, HoldState, SeatQuote
from services.booking.domain.order_payments import OUTAGE
from services.booking.domain.seats import SeatMap
from services.booking.domain.tenders import CardOption, SeatOption, Tenders, seat_options
from services.common.rpc.money import money_to_proto

_HOLD_STATES = {
    HoldState.ACTIVE: hold_pb2.Hold.STATE_ACTIVE,
    HoldState.ORDERED: hold_pb2.Hold.STATE_ORDERED,
    HoldState.RELEASED: hold_pb2.Hold.STATE_RELEASED,
    HoldState.EXPIRED: hold_pb2.Hold.STATE_EXPIRED,
}
_STATES_FIELD = pb.GetSeatMapResponse.STATES_FIELD_NUMBER
_LENGTH_DELIMITED = 2
_VARINT_BITS = 7


def hold_to_proto(hold: Hold) -> hold_pb2.Hold:
    message = hold_pb2.Hold(
        id=str(hold.id),
        screening_id=str(hold.screening_id),
        state=_HOLD_STATES[hold.visible_state],
        seats=[_quote_to_proto(seat) for seat in hold.seats],
        total=money_to_proto(hold.total),
        order_id="" if hold.order_id is None else str(hold.order_id),
        epoch=hold.epoch,
        revision=hold.revision,
        gtc_version=hold.terms.gtc_version,
        otc_version=hold.terms.otc_version,
    )
    message.expire_time.FromDatetime(hold.expires_at)
    message.time_left.FromTimedelta(hold.time_left)
    if hold.extended_by:
        message.extension.CopyFrom(extension_to_proto(hold.extended_by))
    return message


def extension_to_proto(extended_by: timedelta) -> hold_pb2.Extension:
    """Write by how much a deadline was lengthened; there is one reason for it."""
    message = hold_pb2.Extension(reason=OUTAGE)
    message.extended_by.FromTimedelta(extended_by)
    return message


def tenders_to_proto(tenders: Tenders) -> pb.ListTendersResponse:
    cards = sorted(tenders.cards, key=lambda card: not card.supplement_due)
    return pb.ListTendersResponse(
        hold=hold_to_proto(tenders.hold),
        cards=[_card_to_proto(tenders.hold, card) for card in cards],
        places_available=tenders.places_available,
    )


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
    tag = bytes([_STATES_FIELD << 3 | _LENGTH_DELIMITED])
    return head.SerializeToString() + tag + _varint(len(seat_map.states)) + seat_map.states


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 1 << _VARINT_BITS:
        encoded.append(number & 0x7F | 0x80)
        number >>= _VARINT_BITS
    encoded.append(number)
    return bytes(encoded)


def _quote_to_proto(seat: SeatQuote) -> hold_pb2.SeatQuote:
    return hold_pb2.SeatQuote(
        seat_id=seat.seat_id,
        area=seat.area,
        ticket_type=seat.ticket_type,
        price=money_to_proto(seat.price),
        supplement=money_to_proto(seat.supplement),
        service_fee=money_to_proto(seat.service_fee),
        proof=seat.proof,
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
