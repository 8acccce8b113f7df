"""A seat plan as the serialised message that is stored."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cinema.catalog.v1 import seat_plan_pb2 as pb

from services.catalog.domain.seat_plan import BlockReason, Seat, SeatKind, SeatPlan, SofaSale
from services.common.rpc.times import timestamp_of

_KINDS = {kind: pb.Seat.Kind.Value(f"KIND_{kind}") for kind in SeatKind}
_BLOCK_REASONS = {
    reason: pb.Seat.BlockReason.Value(f"BLOCK_REASON_{reason or 'UNSPECIFIED'}")
    for reason in BlockReason
}
_SOFA_SALES = {each: pb.SeatPlan.SofaSale.Value(f"SOFA_SALE_{each}") for each in SofaSale}


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """Which plan of which hall it is, and from which start of screenings on; None: from now on."""

    id: UUID
    hall_id: UUID
    version: int
    effective_time: datetime | None


def pack_seat_plan(plan: SeatPlan, version: PlanVersion | None = None) -> bytes:
    """Serialise a plan as it is stored and answered; one without a version is only looked at."""
    message = pb.SeatPlan(
        sofa_sale=_SOFA_SALES[plan.sofa_sale],
        zones=[pb.SeatZone(id=zone.id, name=zone.name) for zone in plan.zones],
    )
    if version is not None:
        message.id, message.hall_id = str(version.id), str(version.hall_id)
        message.version = version.version
        if version.effective_time is not None:
            message.effective_time.CopyFrom(timestamp_of(version.effective_time))
    if plan.screen is not None:
        screen = plan.screen
        message.screen.CopyFrom(pb.Screen(x=screen.x, y=screen.y, width=screen.width))
    for row in plan.rows:
        packed_row = message.rows.add(name=row.name)
        for segment in row.segments:
            packed_row.segments.add(seats=[_seat_message(seat) for seat in segment])
    return message.SerializeToString(deterministic=True)


def _seat_message(seat: Seat) -> pb.Seat:
    return pb.Seat(
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
