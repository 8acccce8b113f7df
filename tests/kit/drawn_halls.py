"""Halls drawn with signs, for tests of the rules about neighbours."""

from uuid import uuid4

from services.booking.domain.seat_layout import Seat, SeatKind
from services.booking.domain.seats import SeatPlan, SeatState

_STATES = {"_": SeatState.FREE, "h": SeatState.HELD, "x": SeatState.SOLD, "b": SeatState.BLOCKED}


def a_hall(*rows: str, sofas_sold_whole: bool = True) -> tuple[SeatPlan, bytes, list[int]]:
    """Draw rows of a hall; gives its plan, the states, and the seats that are chosen.

    `_` free, `C` free and chosen, `h` held, `x` sold, `b` blocked, a blank is an aisle, `|` the
    border of two areas; `(__)` is a sofa, `[_]` a wheelchair place and `{_}` its companion's seat.
    """
    seats: list[Seat] = []
    states, chosen = bytearray(), []
    segment = area = sofa = 0
    for row_name, row in zip("ABCDEFGH", rows, strict=False):
        segment, kind = segment + 1, SeatKind.STANDARD
        for sign in row:
            match sign:
                case " ":
                    segment += 1
                case "|":
                    area += 1
                case "(":
                    kind, sofa = SeatKind.SOFA, sofa + 1
                case "[":
                    kind = SeatKind.WHEELCHAIR
                case "{":
                    kind = SeatKind.COMPANION
                case ")" | "]" | "}":
                    kind = SeatKind.STANDARD
                case _:
                    if sign == "C":
                        chosen.append(len(seats))
                    states.append(_STATES["_" if sign == "C" else sign])
                    wheelchair = next((s.id for s in seats[::-1] if s.kind == "WHEELCHAIR"), "")
                    seats.append(
                        Seat(
                            str(len(seats)),
                            len(seats),
                            row_name,
                            "1",
                            str(area),
                            segment=segment,
                            kind=kind,
                            sofa_id=str(sofa) if kind is SeatKind.SOFA else "",
                            companion_of=wheelchair if kind is SeatKind.COMPANION else "",
                        )
                    )
    plan = SeatPlan(uuid4(), {seat.id: seat for seat in seats}, sofas_sold_whole=sofas_sold_whole)
    return plan, bytes(states), chosen
