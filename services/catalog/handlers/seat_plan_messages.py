"""Seat plans of requests."""

from cinema.catalog.v1 import seat_plan_pb2

from services.catalog.domain.seat_plan import Row, Seat, SeatKind, SeatPlan


def seat_plan_of(message: seat_plan_pb2.SeatPlan) -> SeatPlan:
    return SeatPlan(
        tuple(
            Row(
                row.name,
                tuple(tuple(_seat_of(seat) for seat in segment.seats) for segment in row.segments),
            )
            for row in message.rows
        )
    )


def _seat_of(seat: seat_plan_pb2.Seat) -> Seat:
    kind = SeatKind(seat_plan_pb2.Seat.Kind.Name(seat.kind).removeprefix("KIND_"))
    return Seat(seat.id, seat.number, kind, seat.area, seat.sofa_id, seat.x, seat.y)
