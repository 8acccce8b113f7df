"""The terms of a chain, and the figures of its sales policy that come with them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The figures; times in seconds and days as the names say."""

    hold_seconds: int
    max_tickets_per_type: int
    payment_margin_seconds: int
    min_payment_seconds: int
    cancel_before_start_seconds: int
    refund_before_start_seconds: int
    remedy_days: int
    rescue_seconds: int
    voucher_valid_days: int
    ratings_not_sold_online: tuple[str, ...]
    categories_sold_online: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermsVersions:
    """Which terms are in force, without their text."""

    policy_code: str
    gtc_version: str
    otc_version: str
    policy: SalesPolicy


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the general (`gtc`) and online (`otc`) terms, from a moment on."""

    policy_code: str
    gtc_version: str
    otc_version: str
    gtc_text: str
    otc_text: str
    effective_time: datetime
    policy: SalesPolicy

    @property
    def gtc_sha256(self) -> str:
        return hashlib.sha256(self.gtc_text.encode()).hexdigest()

    @property
    def otc_sha256(self) -> str:
        return hashlib.sha256(self.otc_text.encode()).hexdigest()
