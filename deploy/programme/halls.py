"""The halls of a cinema: how many seats, of what kind, and how they stand."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from random import Random

from deploy.programme.chain_facts import Cinema
from deploy.programme.hall_layout import Layout, build_plan
from deploy.programme.randomness import random_for
from deploy.programme.seat_plan import SeatPlan

MIN_SEATS = 32
MAX_SEATS = 478
# Share of halls, and the seats below which that share lies: what real multiplexes look like.
_CAPACITY_QUANTILES = (
    (0.0, 40), (0.1, 68), (0.25, 105), (0.5, 148), (0.75, 215), (0.9, 345), (1.0, 440)
)  # fmt: skip
_MIN_HALLS_FOR_IMAX = 9
_MIN_HALLS_FOR_4DX = 8
_MIN_HALLS_FOR_VIP = 10
_IMAX_SEATS = (340, MAX_SEATS)
_4DX_SEATS = (100, 170)
_VIP_SEATS = (MIN_SEATS, 56)
_SEATS_FOR_SOFAS = 90
_SOFA_SHARE = 0.4


class HallKind(StrEnum):
    """What a hall is equipped for; every other hall shows 2D and 3D."""

    STANDARD = "STANDARD"
    IMAX = "IMAX"
    FOUR_DX = "4DX"
    VIP = "VIP"


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall; `tiny_name` is its key in the feed, unique in the cinema."""

    cinema_id: str
    tiny_name: str
    name: str
    kind: HallKind
    plan: SeatPlan


def make_halls(cinema: Cinema, seed: int) -> tuple[Hall, ...]:
    """Build the cinema's halls; they depend on the seed, never on the week."""
    kinds = _kinds(cinema.halls)
    return tuple(_hall(cinema, number, kind, seed) for number, kind in enumerate(kinds, 1))


def _kinds(halls: int) -> list[HallKind]:
    special = [
        kind
        for kind, min_halls in (
            (HallKind.IMAX, _MIN_HALLS_FOR_IMAX),
            (HallKind.FOUR_DX, _MIN_HALLS_FOR_4DX),
            (HallKind.VIP, _MIN_HALLS_FOR_VIP),
        )
        if halls >= min_halls
    ]
    return special + [HallKind.STANDARD] * (halls - len(special))


def _hall(cinema: Cinema, number: int, kind: HallKind, seed: int) -> Hall:
    random = random_for(seed, "hall", cinema.cinema_id, str(number))
    seats = _capacity(kind, random)
    has_sofas = kind is HallKind.VIP or (
        kind is HallKind.STANDARD and seats >= _SEATS_FOR_SOFAS and random.random() < _SOFA_SHARE
    )
    plan = build_plan(Layout(seats=seats, is_vip=kind is HallKind.VIP, has_sofas=has_sofas))
    prefix, suffix = ("VIP", " VIP") if kind is HallKind.VIP else ("S", "")
    if kind in (HallKind.IMAX, HallKind.FOUR_DX):
        suffix = f" {kind.value}"
    return Hall(cinema.cinema_id, f"{prefix}{number:02}", f"Sala {number}{suffix}", kind, plan)


def _capacity(kind: HallKind, random: Random) -> int:
    match kind:
        case HallKind.IMAX:
            return random.randint(*_IMAX_SEATS)
        case HallKind.FOUR_DX:
            return random.randint(*_4DX_SEATS)
        case HallKind.VIP:
            return random.randint(*_VIP_SEATS)
        case HallKind.STANDARD:
            return _quantile(random.random())


def _quantile(share: float) -> int:
    for (low_share, low), (high_share, high) in pairwise(_CAPACITY_QUANTILES):
        if share <= high_share:
            return round(low + (high - low) * (share - low_share) / (high_share - low_share))
    raise ValueError(f"{share} is no share")
