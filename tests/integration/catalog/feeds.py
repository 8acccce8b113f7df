"""A small cinema and its feed, changed as a test wants it."""

import json
from typing import Any

CINEMA_ID = "1818"
DAY = "2026-11-24"  # A Tuesday.
NOW = "2026-11-20T09:00:00Z"  # Before all of it.


def a_cinema(cinema_id: str = CINEMA_ID, **changes: Any) -> dict[str, Any]:
    cinema = {
        "id": cinema_id,
        "name": f"Cinema {cinema_id}",
        "city": "București",
        "phone": "+40314130320",
        "time_zone": "Europe/Bucharest",
        "currency_code": "RON",
        "formats": ["2D", "3D", "IMAX"],
        "cards_accepted": True,
        "sold_online": True,
        "country_code": "RO",
        "policy_code": "cinema-city-ro",
    }
    profile = {
        "cinema_id": cinema_id,
        "advertising_minutes": 25,
        "cleaning_minutes": 20,
        "ratings": [
            {"token": token, "rating": rating}
            for token, rating in (
                ("ag", "AG"),
                ("n-15", "N-15"),
                ("im-18-xxx", "IM-18-XXX"),
                ("na", "UNRATED"),
            )
        ],
    }
    return {"cinema": cinema | changes, "import_profile": profile}


def a_seat(row: str, number: int, **changes: Any) -> dict[str, Any]:
    seat = {
        "id": f"{row}{number}",
        "number": str(number),
        "kind": "KIND_STANDARD",
        "area": "STANDARD",
        "x": number * 100,
        "y": 500,
    }
    return seat | changes


def a_plan(*rows: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """A plan of rows of segments of seats; two rows of five when none are given."""
    rows = rows or tuple([[a_seat(row, number) for number in range(1, 6)]] for row in "AB")
    return {
        "rows": [
            {"name": segments[0][0]["id"][0], "segments": [{"seats": run} for run in segments]}
            for segments in rows
        ]
    }


def money(bani: int, currency: str = "RON") -> dict[str, Any]:
    return {"currency_code": currency, "minor_units": bani}


def a_line(bani: int, area: str = "STANDARD", weekdays: tuple[int, ...] = ()) -> dict[str, Any]:
    return {
        "ticket_type": "ADULT",
        "area": area,
        "weekdays": list(weekdays),
        "price": money(bani),
    }


def prices(cinema_id: str = CINEMA_ID, **changes: Any) -> dict[str, Any]:
    price_list = {
        "cinema_id": cinema_id,
        "effective_time": "2026-01-01T00:00:00Z",
        "ticket_types": [{"code": "ADULT", "name": "Adult", "proof": ""}],
        "lines": [a_line(3_000)],
        "supplements": [],
        "service_fee": money(200),
        "fee_on_places": False,
    }
    return price_list | changes


def promotion(code: str = "TUESDAY", **changes: Any) -> dict[str, Any]:
    document = {
        "code": code,
        "policy_code": "cinema-city-ro",
        "effective_time": "2026-01-01T00:00:00Z",
        "end_time": "2027-01-01T00:00:00Z",
        "percent_off": 50,
        "regulations": {"version": "1", "text": "Half the price on Tuesdays."},
    }
    return document | changes


def terms(version: str = "2026-01", **changes: Any) -> dict[str, Any]:
    document = {
        "policy_code": "cinema-city-ro",
        "gtc_version": version,
        "otc_version": version,
        "gtc_text": "General.",
        "otc_text": "Online.",
        "effective_time": "2026-01-01T00:00:00Z",
        "policy": {
            "code": "cinema-city-ro",
            "hold_seconds": 600,
            "max_tickets_per_type": 10,
            "payment_margin_seconds": 20,
            "min_payment_seconds": 60,
            "cancel_before_start_seconds": 7_200,
            "refund_before_start_seconds": 1_800,
            "remedy_days": 2,
            "rescue_seconds": 1_800,
            "voucher_valid_days": 365,
            "ratings_not_sold_online": ["UNRATED", "RATING_PENDING", "IM-18-XXX"],
            "categories_sold_online": ["MOVIE", "VIP", "ALTERNATIVE"],
        },
    }
    return document | changes


def a_film(film_id: str = "9001s2r", **changes: Any) -> dict[str, Any]:
    return {
        "id": film_id,
        "name": "Orbita a șaptea",
        "length": 95,
        "attributeIds": ["n-15", "2d"],
    } | changes


def an_event(event_id: str = "1", start: str = f"{DAY}T20:00:00", **changes: Any) -> dict[str, Any]:
    return {
        "id": event_id,
        "filmId": "9001s2r",
        "cinemaId": CINEMA_ID,
        "businessDay": start[:10],
        "eventDateTime": start,
        "attributeIds": ["n-15", "2d", "subbed", "first-subbed-lang-ro", "original-lang-en"],
        "auditorium": "Sala 1",
        "auditoriumTinyName": "S01",
    } | changes


def a_feed(*events: dict[str, Any], films: tuple[dict[str, Any], ...] = ()) -> bytes:
    body = {"films": list(films) or [a_film()], "events": list(events)}
    return json.dumps({"body": body}, ensure_ascii=False).encode()
