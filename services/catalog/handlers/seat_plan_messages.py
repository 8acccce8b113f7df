"""Seat plans of requests."""

from cinema.catalog.v1 import seat_plan_pb2 as pb

from services.catalog.domain.seat_plan import (
    BlockReason,
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    SofaSale,
    Zone,
)

_KINDS = {pb.Seat.Kind.Value(f"KIND_{kind}"): kind for kind in SeatKind}
_BLOCK_REASONS = {
    pb.Seat.BlockReason.Value(f"BLOCK_REASON_{reason or 'UNSPECIFIED'}"): reason
    for reason in BlockReason
}
_SOFA_SALES = {pb.SeatPlan.SofaSale.Value(f"SOFA_SALE_{each}"): each for each in SofaSale}


def seat_plan_of(message: pb.SeatPlan) -> SeatPlan:
    """Read a plan; one that does not say how sofas are sold sells whole ones."""
    screen = message.screen
    return SeatPlan(
        rows=tuple(
            Row(
                row.name,
                tuple(tuple(_seat_of(seat) for seat in segment.seats) for segment in row.segments),
            )
            for row in message.rows
        ),
        sofa_sale=_SOFA_SALES.get(message.sofa_sale, SofaSale.WHOLE),
        zones=tuple(Zone(zone.id, zone.name) for zone in message.zones),
        screen=Screen(screen.x, screen.y, screen.width) if message.HasField("screen") else None,
    )


def _seat_of(seat: pb.Seat) -> Seat:
    return Seat(
        id=seat.id,
        number=seat.number,
        kind=_KINDS[seat.kind],
        area=seat.area,
        sofa_id=seat.sofa_id,
        x=seat.x,
        y=seat.y,
        companion_of=seat.companion_of,
        block_reason=_BLOCK_REASONS[seat.block_reason],
        zone_id=seat.zone_id,
    )
