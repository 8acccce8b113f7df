"""Promotions as messages, and back."""

from cinema.catalog.v1 import programme_service_pb2, promotion_pb2

from services.catalog.domain.promotion import Discount, DiscountKind, Promotion, PromotionTerms
from services.common.money import Money
from services.common.rpc.money import money_to_proto
from services.common.rpc.times import moment_of, timestamp_of

_AMOUNTS = {"amount_off": DiscountKind.AMOUNT_OFF, "fixed_price": DiscountKind.FIXED_PRICE}


def promotion_of(message: promotion_pb2.Promotion) -> PromotionTerms:
    """Read what is to be published; sets are put in order, so that the same again is the same."""
    return PromotionTerms(
        code=message.code.upper(),
        policy_code=message.policy_code,
        cinema_ids=tuple(sorted(message.cinema_ids)),
        effective_time=moment_of(message.effective_time, "promotion.effective_time"),
        end_time=moment_of(message.end_time, "promotion.end_time"),
        discount=_discount_of(message),
        ticket_types=tuple(sorted(message.ticket_types)),
        formats=tuple(sorted(message.formats)),
        weekdays=tuple(sorted(message.weekdays)),
        regulations_version=message.regulations.version,
        regulations_text=message.regulations.text,
    )


def promotion_to_proto(promotion: Promotion) -> promotion_pb2.Promotion:
    terms = promotion.terms
    message = promotion_pb2.Promotion(
        id=str(promotion.id),
        code=terms.code,
        policy_code=terms.policy_code,
        cinema_ids=terms.cinema_ids,
        effective_time=timestamp_of(terms.effective_time),
        end_time=timestamp_of(terms.end_time),
        ticket_types=terms.ticket_types,
        formats=terms.formats,
        weekdays=terms.weekdays,
        regulations=_regulations_to_proto(terms),
    )
    _write_discount(message, terms.discount)
    return message


def regulations_to_proto(
    promotion: Promotion,
) -> programme_service_pb2.GetPromotionRegulationsResponse:
    terms = promotion.terms
    return programme_service_pb2.GetPromotionRegulationsResponse(
        regulations=_regulations_to_proto(terms),
        effective_time=timestamp_of(terms.effective_time),
        end_time=timestamp_of(terms.end_time),
    )


def applied_to_proto(promotion: Promotion) -> promotion_pb2.AppliedPromotion:
    terms = promotion.terms
    return promotion_pb2.AppliedPromotion(
        promotion_id=str(promotion.id),
        code=terms.code,
        regulations_version=terms.regulations_version,
        regulations_sha256=terms.regulations_sha256,
        end_time=timestamp_of(terms.end_time),
    )


def _regulations_to_proto(terms: PromotionTerms) -> promotion_pb2.PromotionRegulations:
    return promotion_pb2.PromotionRegulations(
        version=terms.regulations_version,
        text=terms.regulations_text,
        sha256=terms.regulations_sha256,
    )


def _discount_of(message: promotion_pb2.Promotion) -> Discount:
    chosen = message.WhichOneof("discount")
    if chosen == "percent_off":
        return Discount(DiscountKind.PERCENT_OFF, message.percent_off)
    amount = message.amount_off if chosen == "amount_off" else message.fixed_price
    return Discount(_AMOUNTS[chosen or ""], amount.minor_units, amount.currency_code)


def _write_discount(message: promotion_pb2.Promotion, discount: Discount) -> None:
    if discount.kind is DiscountKind.PERCENT_OFF:
        message.percent_off = discount.value
        return
    amount = money_to_proto(Money(discount.currency, discount.value))
    if discount.kind is DiscountKind.AMOUNT_OFF:
        message.amount_off.CopyFrom(amount)
    else:
        message.fixed_price.CopyFrom(amount)
