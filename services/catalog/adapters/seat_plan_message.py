"""A seat plan as the serialised message that is stored."""

from uuid import UUID

from cinema.catalog.v1 import seat_plan_pb2 as pb

from services.catalog.domain.seat_plan import SeatKind, SeatPlan

_KINDS = {
    SeatKind.STANDARD: pb.Seat.KIND_STANDARD,
    SeatKind.WHEELCHAIR: pb.Seat.KIND_WHEELCHAIR,
    SeatKind.COMPANION: pb.Seat.KIND_COMPANION,
    SeatKind.SOFA: pb.Seat.KIND_SOFA,
}


def pack_seat_plan(plan: SeatPlan, seat_plan_id: UUID, hall_id: UUID, version: int) -> bytes:
    """Serialise a plan with its ID, hall and version."""
    message = pb.SeatPlan(id=str(seat_plan_id), hall_id=str(hall_id), version=version)
    for row in plan.rows:
        packed_row = message.rows.add(name=row.name)
        for segment in row.segments:
            packed_row.segments.add(
                seats=[
                    pb.Seat(
                        id=seat.id,
                        number=seat.number,
                        kind=_KINDS[seat.kind],
                        area=seat.area,
                        sofa_id=seat.sofa_id,
                        x=seat.x,
                        y=seat.y,
                    )
                    for seat in segment
                ]
            )
    return message.SerializeToString(deterministic=True)
