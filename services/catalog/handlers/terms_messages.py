"""Terms with their sales policy as messages, and back."""

from typing import Any

from cinema.catalog.v1 import policy_pb2

from services.catalog.domain.terms import (
    GapRule,
    PlaceValidityDate,
    PublishedTerms,
    RemedyMode,
    SalesPolicy,
    Terms,
)
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.times import moment_of, timestamp_of

_FIGURES = (
    "hold_seconds",
    "max_tickets_per_type",
    "payment_margin_seconds",
    "min_payment_seconds",
    "cancel_before_start_seconds",
    "refund_before_start_seconds",
    "remedy_days",
    "rescue_seconds",
    "voucher_valid_days",
)
# Not set is something else than zero or no.
_FIGURES_WITH_DEFAULT = (
    "max_tickets_per_order",
    "remedy_online_for_all",
    "remedy_start_change_minutes",
    "remedy_reminder_hours",
    "unattributable_remedy_needs_approval",
    "voucher_partly_usable",
    "returned_place_grace_days",
    "entry_opens_before_start_minutes",
    "entry_closes_after_start_minutes",
    "complaint_days",
    "complaint_answer_business_days",
)
_SWITCHES = ("online_rules_at_kiosk", "goods_sold_online")
_CHOICES: dict[str, Any] = {
    "gap_rule": policy_pb2.GapRule,
    "remedy_mode": policy_pb2.RemedyMode,
    "place_validity_date": policy_pb2.PlaceValidityDate,
}


def policy_to_proto(policy: SalesPolicy, code: str, version: str) -> policy_pb2.SalesPolicy:
    message = policy_pb2.SalesPolicy(
        code=code,
        version=version,
        ratings_not_sold_online=policy.ratings_not_sold_online,
        categories_sold_online=policy.categories_sold_online,
    )
    for name in (*_FIGURES, *_FIGURES_WITH_DEFAULT, *_SWITCHES):
        setattr(message, name, getattr(policy, name))
    for name, choice in _CHOICES.items():
        setattr(message, name, choice.Value(f"{name.upper()}_{getattr(policy, name)}"))
    return message


def version_to_proto(terms: PublishedTerms) -> policy_pb2.TermsVersion:
    return policy_pb2.TermsVersion(
        policy_code=terms.policy_code,
        gtc_version=terms.gtc_version,
        otc_version=terms.otc_version,
        gtc_sha256=terms.gtc_sha256,
        otc_sha256=terms.otc_sha256,
        effective_time=timestamp_of(terms.effective_time),
    )


def terms_to_proto(terms: Terms) -> policy_pb2.Terms:
    return policy_pb2.Terms(
        policy_code=terms.policy_code,
        gtc_version=terms.gtc_version,
        otc_version=terms.otc_version,
        gtc_text=terms.gtc_text,
        otc_text=terms.otc_text,
        gtc_sha256=terms.gtc_sha256,
        otc_sha256=terms.otc_sha256,
        effective_time=timestamp_of(terms.effective_time),
        policy=policy_to_proto(terms.policy, terms.policy_code, terms.otc_version),
    )


def terms_of(message: policy_pb2.Terms) -> Terms:
    """Read terms; code and version of the figures are those of the terms."""
    policy = message.policy
    if policy.code != message.policy_code:
        raise InvalidRequestError(
            FieldViolation("terms.policy.code", "must be the terms' policy code")
        )
    return Terms(
        policy_code=message.policy_code,
        gtc_version=message.gtc_version,
        otc_version=message.otc_version,
        gtc_text=message.gtc_text,
        otc_text=message.otc_text,
        effective_time=moment_of(message.effective_time, "terms.effective_time"),
        policy=_policy_of(policy),
    )


def _policy_of(message: Any) -> SalesPolicy:
    """Read the figures; those that are not set are the documents'."""
    figures: dict[str, Any] = {name: getattr(message, name) for name in (*_FIGURES, *_SWITCHES)}
    for name in _FIGURES_WITH_DEFAULT:
        if message.HasField(name):
            figures[name] = getattr(message, name)
    if message.gap_rule:
        figures["gap_rule"] = GapRule(_choice(message, "gap_rule"))
    if message.remedy_mode:
        figures["remedy_mode"] = RemedyMode(_choice(message, "remedy_mode"))
    if message.place_validity_date:
        figures["place_validity_date"] = PlaceValidityDate(_choice(message, "place_validity_date"))
    return SalesPolicy(
        **figures,
        ratings_not_sold_online=tuple(message.ratings_not_sold_online),
        categories_sold_online=tuple(message.categories_sold_online),
    )


def _choice(message: Any, name: str) -> str:
    value: str = _CHOICES[name].Name(getattr(message, name))
    return value.removeprefix(f"{name.upper()}_")
