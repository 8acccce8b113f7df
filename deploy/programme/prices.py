"""Prices and fees of the sample chain, in bani (1 RON = 100 bani)."""

from typing import Any

from deploy.programme.chain_facts import CURRENCY, Cinema
from deploy.programme.randomness import random_for

_CHILD_MAX_AGE_YEARS = 14
_SENIOR_MIN_AGE_YEARS = 60


def _names(ro: str, fr: str, en: str) -> list[dict[str, str]]:
    by_language = {"ro": ro, "fr": fr, "en": en}
    return [{"language_code": code, "text": text} for code, text in by_language.items()]


TICKET_TYPES: tuple[dict[str, Any], ...] = (
    {"code": "ADULT", "name": "Adult", "proof": "", "names": _names("Adult", "Adulte", "Adult")},
    {
        "code": "CHILD",
        "name": "Copil (până la 14 ani)",
        "proof": "AGE_DOCUMENT",
        "names": _names("Copil (până la 14 ani)", "Enfant (jusqu'à 14 ans)", "Child (up to 14)"),
        "max_age_years": _CHILD_MAX_AGE_YEARS,
    },
    {
        "code": "STUDENT",
        "name": "Elev / student",
        "proof": "STUDENT_CARD",
        "names": _names("Elev / student", "Élève / étudiant", "Pupil / student"),
    },
    {
        "code": "SENIOR",
        "name": "Senior (60+)",
        "proof": "AGE_DOCUMENT",
        "names": _names("Senior (60+)", "Senior (60+)", "Senior (60+)"),
        "min_age_years": _SENIOR_MIN_AGE_YEARS,
    },
    {
        "code": "DISABLED",
        "name": "Persoană cu dizabilități",
        "proof": "DISABILITY_CARD",
        "names": _names("Persoană cu dizabilități", "Personne handicapée", "Disabled person"),
    },
    {
        "code": "COMPANION",
        "name": "Însoțitor",
        "proof": "DISABILITY_CARD",
        "names": _names("Însoțitor", "Accompagnant", "Companion"),
        "companion_of": "DISABLED",
    },
    {
        "code": "FAMILY",
        "name": "Pachet de familie (2 + 2)",
        "proof": "",
        "names": _names("Pachet de familie (2 + 2)", "Forfait famille (2 + 2)", "Family (2 + 2)"),
        "admissions": [{"ticket_type": code, "count": 2} for code in ("ADULT", "CHILD")],
    },
)
_FEE_DESCRIPTIONS = _names(
    "Comision pentru cumpărarea online", "Frais de vente en ligne", "Fee for buying online"
)
_GLASSES_BANI = 500
SUPPLEMENTS_BANI = {"3D": 400, "IMAX": 900, "4DX": 2_000, "VIP": 1_500}
SERVICE_FEE_BANI_PER_TICKET = 200
_BASE_BANI = {"București": 3_000, "Cluj-Napoca": 2_800, "Timișoara": 2_800, "Iași": 2_700}
_OTHER_CITY_BASE_BANI = 2_500
_REDUCTION_BANI = {
    "ADULT": 0,
    "CHILD": 700,
    "STUDENT": 500,
    "SENIOR": 600,
    "DISABLED": 1_000,
    "COMPANION": 1_000,
}
# Pupils and students pay less in the afternoons of the week.
_AFTERNOON_REDUCTION_BANI = 300
_AFTERNOON_ENDS = "17:00"
# What each admission of the family package costs less than its own ticket.
_FAMILY_REDUCTION_BANI = 300
_AREA_BANI = {"STANDARD": 0, "SOFA": 500, "VIP": 1_000}
# ISO weekdays of the screening's local date, and what they add.
_WEEKEND = (5, 6, 7)
_BANDS_BANI = (((1, 2, 3), -400), ((4,), 0), (_WEEKEND, 300))
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
        "service_fee_descriptions": _FEE_DESCRIPTIONS,
        "fee_on_places": False,
        "goods": [
            {
                "code": "GLASSES_3D",
                "name": "Ochelari 3D",
                "names": _names("Ochelari 3D", "Lunettes 3D", "3D glasses"),
                "price": _money(_GLASSES_BANI),
                "formats": ["3D"],
            }
        ],
    }


def _lines(cinema: Cinema, seed: int) -> list[dict[str, Any]]:
    steps = random_for(seed, "prices", cinema.cinema_id).randint(0, _MAX_CINEMA_STEPS)
    base = _BASE_BANI.get(cinema.city, _OTHER_CITY_BASE_BANI) + _CINEMA_STEP_BANI * steps
    occasions = [
        (area, weekdays, base + area_bani + band_bani)
        for area, area_bani in _AREA_BANI.items()
        for weekdays, band_bani in _BANDS_BANI
    ]
    singles = [
        _line(ticket_type, area, weekdays, adult_bani - reduction)
        for ticket_type, reduction in _REDUCTION_BANI.items()
        for area, weekdays, adult_bani in occasions
    ]
    student_reduction = _REDUCTION_BANI["STUDENT"] + _AFTERNOON_REDUCTION_BANI
    afternoons = [
        {
            **_line("STUDENT", area, weekdays, adult_bani - student_reduction),
            "local_start_before": _AFTERNOON_ENDS,
        }
        for area, weekdays, adult_bani in occasions
        if weekdays != _WEEKEND
    ]
    return singles + afternoons + [_family_line(*occasion) for occasion in occasions]


def _line(ticket_type: str, area: str, weekdays: tuple[int, ...], bani: int) -> dict[str, Any]:
    return {
        "ticket_type": ticket_type,
        "area": area,
        "weekdays": list(weekdays),
        "price": _money(bani),
    }


def _family_line(area: str, weekdays: tuple[int, ...], adult_bani: int) -> dict[str, Any]:
    """Price the package of two adults and two children, with the price of each of them."""
    each = {
        code: adult_bani - _REDUCTION_BANI[code] - _FAMILY_REDUCTION_BANI
        for code in ("ADULT", "CHILD")
    }
    split = [{"ticket_type": code, "price": _money(bani)} for code, bani in each.items()]
    return {
        **_line("FAMILY", area, weekdays, 2 * sum(each.values())),
        "admission_prices": split,
    }


def _money(bani: int) -> dict[str, Any]:
    return {"currency_code": CURRENCY, "minor_units": bani}
