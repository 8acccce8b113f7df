"""The two sales policies that ship, each with the terms it belongs to."""

from pathlib import Path
from typing import Any

_MINUTE = 60
_HOUR = 60 * _MINUTE
_TERMS_VERSION = "2026-12"

# Every figure that the terms of both chains fix; only what concerns loyalty points is the wallet's.
_FIGURES: dict[str, Any] = {
    "hold_seconds": 10 * _MINUTE,
    "max_tickets_per_type": 10,
    "max_tickets_per_order": 0,
    "gap_rule": "GAP_RULE_EXEMPT_WHEN_UNAVOIDABLE",
    "online_rules_at_kiosk": False,
    "goods_sold_online": False,
    "payment_margin_seconds": 20,
    "min_payment_seconds": 60,
    "rescue_seconds": 30 * _MINUTE,
    "cancel_before_start_seconds": 2 * _HOUR,
    "refund_before_start_seconds": 30 * _MINUTE,
    "remedy_days": 2,
    "remedy_mode": "REMEDY_MODE_ON_REQUEST",
    "remedy_online_for_all": True,
    "remedy_start_change_minutes": 15,
    "remedy_reminder_hours": 24,
    "unattributable_remedy_needs_approval": True,
    "voucher_valid_days": 365,
    "voucher_partly_usable": True,
    "place_validity_date": "PLACE_VALIDITY_DATE_CALENDAR_DATE",
    "returned_place_grace_days": 30,
    "entry_opens_before_start_minutes": 30,
    "entry_closes_after_start_minutes": 0,
    "complaint_days": 7,
    "complaint_answer_business_days": 20,
    "ratings_not_sold_online": ["UNRATED", "RATING_PENDING", "IM-18-XXX"],
    "categories_sold_online": ["MOVIE", "VIP", "ALTERNATIVE"],
}

_CODES = ("cinema-city-ro", "cinecarte-fr")
_TEXTS = Path(__file__).parent / "terms"


def terms(effective_time: str) -> list[dict[str, Any]]:
    """List the current version of each policy's terms."""
    return [
        {
            "policy_code": code,
            "gtc_version": _TERMS_VERSION,
            "otc_version": _TERMS_VERSION,
            "gtc_text": _text(code, "gtc"),
            "otc_text": _text(code, "otc"),
            "effective_time": effective_time,
            "policy": {"code": code, "version": _TERMS_VERSION} | _FIGURES,
        }
        for code in _CODES
    ]


def _text(code: str, kind: str) -> str:
    return (_TEXTS / f"{code}.{kind}.txt").read_text(encoding="utf-8")
