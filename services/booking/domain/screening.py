"""What booking knows of a screening, and the rules of selling it online."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.booking.domain.errors import NotSoldOnlineError, SalesClosedError
from services.booking.domain.prices import PriceTable

LOCAL_DATE_CHARACTERS = len("YYYY-MM-DD")


class ScreeningState(StrEnum):
    """Where catalog says a screening is in its life."""

    SCHEDULED = "SCHEDULED"
    CANCELLED = "CANCELLED"
    TERMINATED = "TERMINATED"


class RemedyMode(StrEnum):
    """Who begins a remedy, and who chooses between money and a voucher."""

    ON_REQUEST = "ON_REQUEST"
    AUTO = "AUTO"
    CUSTOMER_CHOICE = "CUSTOMER_CHOICE"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a screening that is off came to its end, as catalog says."""

    time: datetime
    attributable: bool


@dataclass(frozen=True, slots=True)
class SalesPolicy:
    """The figures of the terms that a hold or an order is made under, by code and version.

    Those with a default are newer than the oldest holds that are kept.
    """

    code: str
    version: str
    hold_seconds: int
    max_tickets_per_type: int
    payment_margin_seconds: int
    min_payment_seconds: int
    cancel_before_start_seconds: int
    refund_before_start_seconds: int
    remedy_days: int
    rescue_seconds: int
    voucher_valid_days: int
    strict_gap_rule: bool = False
    online_rules_at_kiosk: bool = False
    max_tickets_per_order: int = 0  # Zero is no such cap.
    remedy_mode: str = RemedyMode.ON_REQUEST
    remedy_online_for_all: bool = True
    remedy_start_change_minutes: int = 15
    remedy_reminder_hours: int = 24
    unattributable_remedy_needs_approval: bool = True
    complaint_days: int = 7
    complaint_answer_business_days: int = 20


@dataclass(frozen=True, slots=True)
class ScreeningFacts:
    """Everything that a sale of one screening depends on, as catalog last told it.

    `facts_version` is booking's own count of what it was told; `local_start` is the cinema's
    wall-clock time, `YYYY-MM-DDTHH:MM`.
    """

    screening_id: UUID
    version: int
    state: ScreeningState
    cinema_id: str
    cinema_name: str
    city: str
    phone: str
    time_zone: str
    currency: str
    country_code: str
    cards_accepted: bool
    hall_id: str
    hall_name: str
    film_id: str
    film_title: str
    rating: str
    event_kind: str
    format: str
    category: str
    start_time: datetime
    end_time: datetime
    local_start: str
    business_day: str
    public_holiday: bool
    sold_online: bool
    not_sold_reason: str
    seat_plan_id: UUID | None
    sales_start_time: datetime
    sales_end_time: datetime
    fee_on_places: bool
    gtc_version: str
    otc_version: str
    policy: SalesPolicy
    prices: PriceTable
    facts_version: int = 0
    ending: Ending | None = None

    @property
    def local_date(self) -> str:
        """The cinema-local calendar date of the start, `YYYY-MM-DD`."""
        return self.local_start[:LOCAL_DATE_CHARACTERS]

    def must_be_sold_online(self) -> UUID:
        """Raise NOT_SOLD_ONLINE unless seats are sold online; gives the seat plan's ID."""
        if not self.sold_online or self.seat_plan_id is None:
            raise NotSoldOnlineError(self.screening_id, self.not_sold_reason)
        return self.seat_plan_id

    def must_be_in_sales_window(self, now: datetime) -> None:
        """Raise SALES_CLOSED before the first and from the last moment of sales."""
        if not self.sales_start_time <= now < self.sales_end_time:
            raise SalesClosedError(self.screening_id)
