"""Publish a promotion with its regulations."""

from dataclasses import dataclass

from services.catalog.domain.cinema import EVERY_CINEMA, Staff
from services.catalog.domain.errors import (
    CinemaNotFoundError,
    RegulationsExistError,
    WrongCurrencyError,
)
from services.catalog.domain.promotion import Promotion, PromotionTerms
from services.catalog.use_cases.ports import NewId, Transaction, Transactions
from services.common.errors import FieldViolation
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class PublishPromotion:
    """Add a version of a promotion; none is ever rewritten, the same again changes nothing.

    WRONG_CINEMA, also for a cinema of the version before; CINEMA_NOT_FOUND, WRONG_CURRENCY,
    NEGATIVE_PRICE, INVALID_FIELD; REGULATIONS_EXIST when that version of the regulations has another text.
    """

    transactions: Transactions
    new_id: NewId

    async def __call__(self, key: RequestKey, staff: Staff, terms: PromotionTerms) -> Promotion:
        _must_act_for_all(staff, terms)
        terms.must_be_sound()
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            for cinema_id in terms.cinema_ids:
                await _must_take_part(tx, terms, cinema_id)
            await tx.promotions.lock(terms.policy_code, terms.code)
            newest = await tx.promotions.newest(terms.policy_code, terms.code)
            if newest is not None:
                # A newer version takes the code over wherever it was good.
                _must_act_for_all(staff, newest.terms)
            if newest is not None and newest.terms == terms:
                promotion = newest
            else:
                promotion = Promotion(self.new_id(), terms)
                await _must_keep_regulations(tx, terms)
                await tx.promotions.add(promotion)
            subject = f"{terms.policy_code}/{terms.code}"
            await tx.audit.add(
                staff, "PublishPromotion", subject, before=newest or "", after=promotion
            )
            await tx.requests.store(key, promotion)
            await tx.commit()
        return promotion


def _must_act_for_all(staff: Staff, terms: PromotionTerms) -> None:
    for cinema_id in terms.cinema_ids or (EVERY_CINEMA,):
        staff.must_act_for(cinema_id)


async def _must_take_part(tx: Transaction, terms: PromotionTerms, cinema_id: str) -> None:
    known = await tx.cinemas.lock(cinema_id)
    if known is None or known[0].policy_code != terms.policy_code:
        raise CinemaNotFoundError(cinema_id)
    currency = known[0].currency
    if terms.discount.currency not in ("", currency):
        field = f"promotion.{terms.discount.kind.lower()}"
        raise WrongCurrencyError(currency, [FieldViolation(field, f"must be in {currency}")])


async def _must_keep_regulations(tx: Transaction, terms: PromotionTerms) -> None:
    version = terms.regulations_version
    known = await tx.promotions.regulations_sha256(terms.policy_code, terms.code, version)
    if known not in ("", terms.regulations_sha256):
        raise RegulationsExistError(version)
