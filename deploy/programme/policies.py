"""The two sales policies that ship, each with the terms it belongs to."""

from typing import Any

_MINUTE = 60
_HOUR = 60 * _MINUTE
_TERMS_VERSION = "2026-11"

# What the contracts' SalesPolicy carries.
_FIGURES: dict[str, Any] = {
    "hold_seconds": 10 * _MINUTE,
    "max_tickets_per_type": 10,
    "payment_margin_seconds": 20,
    "min_payment_seconds": 60,
    "cancel_before_start_seconds": 2 * _HOUR,
    "refund_before_start_seconds": 30 * _MINUTE,
    "remedy_days": 2,
    "rescue_seconds": 30 * _MINUTE,
    "voucher_valid_days": 365,
    "ratings_not_sold_online": ["UNRATED", "RATING_PENDING", "IM-18-XXX"],
    "categories_sold_online": ["MOVIE", "VIP", "ALTERNATIVE"],
}
# What the terms fix as well and no service asks for yet.
_FURTHER_FIGURES: dict[str, Any] = {
    "max_tickets_per_order": None,
    "gap_rule": "EXEMPT_WHEN_UNAVOIDABLE",
    "remedy_mode": "ON_REQUEST",
    "remedy_online_for_all": True,
    "place_validity_date": "CALENDAR_DATE",
    "complaint_days": 7,
    "complaint_answer_business_days": 20,
}
_LOYALTY_POINTS = {"PLACE_5_7": 240, "PLACE_7_7": 300}

_TEXTS = {
    "cinema-city-ro": (
        "Sample general terms: halls, tickets, conduct and vouchers.",
        "Sample online terms: pay in ten minutes, give back up to two hours before the start.",
    ),
    "cinecarte-fr": (
        "Sample general terms of a chain with prepaid cards.",
        "Sample online terms: a place is good for a screening on or before its last day.",
    ),
}


def terms(effective_time: str) -> list[dict[str, Any]]:
    """List the current version of each policy's terms."""
    return [
        {
            "policy_code": code,
            "gtc_version": _TERMS_VERSION,
            "otc_version": _TERMS_VERSION,
            "gtc_text": gtc_text,
            "otc_text": otc_text,
            "effective_time": effective_time,
            "policy": {"code": code, "version": _TERMS_VERSION} | _FIGURES,
        }
        for code, (gtc_text, otc_text) in _TEXTS.items()
    ]


def further_figures() -> dict[str, dict[str, Any]]:
    """Give what the terms fix beyond the contracts' policy, by policy code."""
    return {
        "cinema-city-ro": dict(_FURTHER_FIGURES),
        "cinecarte-fr": _FURTHER_FIGURES | {"loyalty_points": dict(_LOYALTY_POINTS)},
    }
