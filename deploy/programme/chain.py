"""Everything about the chain that the feed does not say, as one JSON document."""

from collections.abc import Sequence
from typing import Any

from deploy.programme.chain_facts import CHAIN, CINEMAS, CURRENCY, TIME_ZONE, Cinema
from deploy.programme.halls import Hall, HallKind
from deploy.programme.policies import terms
from deploy.programme.prices import price_list
from deploy.programme.schedule import ADVERTISING_MINUTES, MIN_TURNAROUND_MINUTES

COUNTRY = "RO"
POLICY = "cinema-city-ro"
# Prices and terms do not depend on the week: a second week finds them as the first left them.
EFFECTIVE_TIME = "2026-01-01T00:00:00Z"
RATINGS = {
    "ag": "AG",
    "ap-12": "AP-12",
    "n-15": "N-15",
    "im-18": "IM-18",
    "im-18-xxx": "IM-18-XXX",
    "na": "UNRATED",
}


def chain_document(halls: Sequence[Hall], seed: int) -> dict[str, Any]:
    """Describe cinemas, halls, prices and terms; field names are those of the contracts."""
    return {
        "schema": "parterre.chain.v1",
        "chain": CHAIN,
        "seed": seed,
        "cinemas": [_cinema(cinema, halls) for cinema in CINEMAS],
        "halls": [_hall(hall) for hall in halls],
        "price_lists": [price_list(cinema, seed, EFFECTIVE_TIME) for cinema in CINEMAS],
        "terms": terms(EFFECTIVE_TIME),
    }


def seat_plan_path(hall: Hall) -> str:
    """Where the hall's plan lies, seen from the document."""
    return f"{hall.cinema_id}/seat-plan_{hall.tiny_name}.json"


def _cinema(cinema: Cinema, halls: Sequence[Hall]) -> dict[str, Any]:
    kinds = {hall.kind for hall in halls if hall.cinema_id == cinema.cinema_id}
    special = sorted(kind.value for kind in kinds - {HallKind.STANDARD})
    return {
        "cinema": {
            "id": cinema.cinema_id,
            "name": cinema.name,
            "city": cinema.city,
            "phone": cinema.phone,
            "time_zone": TIME_ZONE,
            "currency_code": CURRENCY,
            "formats": ["2D", "3D", *special],
            "cards_accepted": True,
            "sold_online": True,
            "country_code": COUNTRY,
            "policy_code": POLICY,
            "contact_hours": [
                {"weekdays": list(range(1, 8)), "open_time": "10:00", "close_time": "22:00"}
            ],
        },
        "import_profile": {
            "cinema_id": cinema.cinema_id,
            "advertising_minutes": ADVERTISING_MINUTES,
            "cleaning_minutes": MIN_TURNAROUND_MINUTES,
            "ratings": [{"token": token, "rating": rating} for token, rating in RATINGS.items()],
        },
    }


def _hall(hall: Hall) -> dict[str, Any]:
    return {
        "cinema_id": hall.cinema_id,
        "hall_name": hall.tiny_name,
        "display_name": hall.name,
        "kind": hall.kind.value,
        "capacity": hall.plan.capacity,
        "seat_plan": seat_plan_path(hall),
    }
