"""Terms with their sales policy as messages, and back."""

from cinema.catalog.v1 import policy_pb2

from services.catalog.domain.terms import SalesPolicy, Terms
from services.catalog.handlers.requests import moment_of, timestamp
from services.common.errors import FieldViolation, InvalidRequestError


def policy_to_proto(policy: SalesPolicy, code: str, version: str) -> policy_pb2.SalesPolicy:
    return policy_pb2.SalesPolicy(
        code=code,
        version=version,
        hold_seconds=policy.hold_seconds,
        max_tickets_per_type=policy.max_tickets_per_type,
        payment_margin_seconds=policy.payment_margin_seconds,
        min_payment_seconds=policy.min_payment_seconds,
        cancel_before_start_seconds=policy.cancel_before_start_seconds,
        refund_before_start_seconds=policy.refund_before_start_seconds,
        remedy_days=policy.remedy_days,
        rescue_seconds=policy.rescue_seconds,
        voucher_valid_days=policy.voucher_valid_days,
        ratings_not_sold_online=policy.ratings_not_sold_online,
        categories_sold_online=policy.categories_sold_online,
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
        effective_time=timestamp(terms.effective_time),
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
        policy=SalesPolicy(
            hold_seconds=policy.hold_seconds,
            max_tickets_per_type=policy.max_tickets_per_type,
            payment_margin_seconds=policy.payment_margin_seconds,
            min_payment_seconds=policy.min_payment_seconds,
            cancel_before_start_seconds=policy.cancel_before_start_seconds,
            refund_before_start_seconds=policy.refund_before_start_seconds,
            remedy_days=policy.remedy_days,
            rescue_seconds=policy.rescue_seconds,
            voucher_valid_days=policy.voucher_valid_days,
            ratings_not_sold_online=tuple(policy.ratings_not_sold_online),
            categories_sold_online=tuple(policy.categories_sold_online),
        ),
    )
