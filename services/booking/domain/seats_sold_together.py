"""Seats that are not sold by themselves: half a sofa, a companion's without its wheelchair place."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from services.booking.domain.seat_layout import SeatLayout
from services.booking.domain.seats import SeatState

MAX_HALF_SOFAS_PER_ORDER = 1


class Lack(StrEnum):
    """Why a seat is not sold alone."""

    HALF_A_SOFA = "HALF_A_SOFA"
    SECOND_HALF_SOFA = "SECOND_HALF_SOFA"
    NO_WHEELCHAIR_SEAT = "NO_WHEELCHAIR_SEAT"


class LoneSeat(NamedTuple):
    """A chosen seat that is not sold without the `missing` ones."""

    seat: int
    lack: Lack
    missing: tuple[int, ...]


def seats_not_sold_alone(
    layout: SeatLayout, states: bytes, chosen: Collection[int], *, own: Collection[int] = ()
) -> list[LoneSeat]:
    """List the chosen seats that are not sold without others; none is fine.

    `own` are the seats that the caller's hold has so far: free unless chosen again.
    """
    lone = []
    if layout.companions:
        lone = [
            LoneSeat(index, Lack.NO_WHEELCHAIR_SEAT, (layout.companions[index],))
            for index in chosen
            if layout.companions.get(index, index) not in chosen
        ]
    sofas = {layout.sofas[index] for index in chosen if index in layout.sofas}
    return lone + _lone_halves(layout, states, chosen, own, sofas) if sofas else lone


def _lone_halves(
    layout: SeatLayout,
    states: bytes,
    chosen: Collection[int],
    own: Collection[int],
    sofas: Collection[tuple[int, ...]],
) -> list[LoneSeat]:
    def is_missing(index: int) -> bool:
        """Tell whether a sofa lacks a seat: if sold whole any but a blocked one, else a free one."""
        if index in chosen:
            return False
        if layout.sofas_sold_whole:
            return states[index] != SeatState.BLOCKED
        return index in own or states[index] == SeatState.FREE

    missing = {sofa: tuple(filter(is_missing, sofa)) for sofa in sofas}
    halves = sorted(sofa for sofa in sofas if missing[sofa])
    if layout.sofas_sold_whole:
        lack = Lack.HALF_A_SOFA
    elif len(halves) > MAX_HALF_SOFAS_PER_ORDER:
        lack = Lack.SECOND_HALF_SOFA
    else:
        return []
    return [
        LoneSeat(index, lack, missing[sofa]) for sofa in halves for index in sofa if index in chosen
    ]
