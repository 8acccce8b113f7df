"""The terms of a chain, and the figures of its sales policy that come with them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GapRule(StrEnum):
    """Whether a single seat may stay free when the row leaves no other choice."""

    EXEMPT_WHEN_UNAVOIDABLE = "EXEMPT_WHEN_UNAVOIDABLE"
    STRICT = "STRICT"


class RemedyMode(StrEnum):
    """Who begins a remedy, and who chooses between money and a voucher."""

    ON_REQUEST = "ON_REQUEST"
    AUTO = "AUTO"
    CUSTOMER_CHOICE = "CUSTOMER_CHOICE"


class PlaceValidityDate(StrEnum):
    """Which date of a screening a prepaid place must be valid on."""

    CALENDAR_DATE = "CALENDAR_DATE"
    BUSINESS_DAY = "BUSINESS_DAY"


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The figures, in the units that their names say; the defaults are those of the documents."""

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
    # 0: no cap over all types together.
    max_tickets_per_order: int = 0
    gap_rule: GapRule = GapRule.EXEMPT_WHEN_UNAVOIDABLE
    online_rules_at_kiosk: bool = False
    goods_sold_online: bool = False
    remedy_mode: RemedyMode = RemedyMode.ON_REQUEST
    remedy_online_for_all: bool = True
    remedy_start_change_minutes: int = 15
    remedy_reminder_hours: int = 24
    unattributable_remedy_needs_approval: bool = True
    voucher_partly_usable: bool = True
    place_validity_date: PlaceValidityDate = PlaceValidityDate.CALENDAR_DATE
    returned_place_grace_days: int = 30
    entry_opens_before_start_minutes: int = 30
    # 0: until the end of the screening.
    entry_closes_after_start_minutes: int = 0
    complaint_days: int = 7
    complaint_answer_business_days: int = 20


@dataclass(frozen=True, slots=True)
class TermsVersions:
    """Which terms are in force, without their text."""

    policy_code: str
    gtc_version: str
    otc_version: str
    policy: SalesPolicy


@dataclass(frozen=True, slots=True)
class PublishedTerms:
    """A version without its texts; `number` counts what was published."""

    policy_code: str
    gtc_version: str
    otc_version: str
    gtc_sha256: str
    otc_sha256: str
    effective_time: datetime
    number: int


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
