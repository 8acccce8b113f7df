"""Prices and fees of the sample chain, in bani (1 RON = 100 bani)."""

from typing import Any

from deploy.programme.chain_facts import CURRENCY, Cinema
from deploy.programme.randomness import random_for

TICKET_TYPES: tuple[dict[str, str], ...] = (
    {"code": "ADULT", "name": "Adult", "proof": ""},
    {"code": "CHILD", "name": "Copil (până la 14 ani)", "proof": "AGE_DOCUMENT"},
    {"code": "STUDENT", "name": "Elev / student", "proof": "STUDENT_CARD"},
    {"code": "SENIOR", "name": "Senior (60+)", "proof": "AGE_DOCUMENT"},
)
SUPPLEMENTS_BANI = {"3D": 400, "IMAX": 900, "4DX": 2_000, "VIP": 1_500}
SERVICE_FEE_BANI_PER_TICKET = 200
_BASE_BANI = {"București": 3_000, "Cluj-Napoca": 2_800, "Timișoara": 2_800, "Iași": 2_700}
_OTHER_CITY_BASE_BANI = 2_500
_REDUCTION_BANI = {"ADULT": 0, "CHILD": 700, "STUDENT": 500, "SENIOR": 600}
_AREA_BANI = {"STANDARD": 0, "SOFA": 500, "VIP": 1_000}
# ISO weekdays of the screening's local date, and what they add.
_BANDS_BANI = (((1, 2, 3), -400), ((4,), 0), ((5, 6, 7), 300))
_CINEMA_STEP_BANI = 50
_MAX_CINEMA_STEPS = 4


def price_list(cinema: Cinema, seed: int, effective_time: str) -> dict[str, Any]:
    """Make a cinema's price list: the 2D price for each ticket type, area and weekday band.

    What a format adds and the service fee come on top, each as a line of its own.
    """
    return {
        "cinema_id": cinema.cinema_id,
        "effective_time": effective_time,
        "ticket_types": list(TICKET_TYPES),
        "lines": _lines(cinema, seed),
        "supplements": [
            {"format": name, "supplement": _money(bani)} for name, bani in SUPPLEMENTS_BANI.items()
        ],
        "service_fee": _money(SERVICE_FEE_BANI_PER_TICKET),
        "fee_on_places": False,
    }


def _lines(cinema: Cinema, seed: int) -> list[dict[str, Any]]:
    steps = random_for(seed, "prices", cinema.cinema_id).randint(0, _MAX_CINEMA_STEPS)
    base = _BASE_BANI.get(cinema.city, _OTHER_CITY_BASE_BANI) + _CINEMA_STEP_BANI * steps
    return [
        {
            "ticket_type": ticket_type,
            "area": area,
            "weekdays": list(weekdays),
            "price": _money(base - reduction + area_bani + band_bani),
        }
        for ticket_type, reduction in _REDUCTION_BANI.items()
        for area, area_bani in _AREA_BANI.items()
        for weekdays, band_bani in _BANDS_BANI
    ]


def _money(bani: int) -> dict[str, Any]:
    return {"currency_code": CURRENCY, "minor_units": bani}
