"""A remedy: what a customer gets for a screening that the cinema called off."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.common.money import Money


class RemedyKind(StrEnum):
    """What is given."""

    REFUND = "REFUND"
    VOUCHER = "VOUCHER"
    PLACES_ONLY = "PLACES_ONLY"


class RemedyState(StrEnum):
    """Where a remedy stands."""

    AWAITING_APPROVAL = "AWAITING_APPROVAL"  # Not the cinema's doing: staff decide.
    REQUESTED = "REQUESTED"
    GIVEN = "GIVEN"
    DECLINED = "DECLINED"


class RemedyOrigin(StrEnum):
    """Who asked for it."""

    BUYER = "BUYER"
    BOX_OFFICE = "BOX_OFFICE"  # Staff, for a buyer who came with a ticket and a signed form.
    POLICY = "POLICY"  # It is given by itself.


@dataclass(slots=True)
class Remedy:
    """One for each order, ever. `amount` is money paid for tickets and supplements, without fees.

    `budget_taken`: payment has set the amount aside and the voucher has been asked for. `cause` is
    what the cinema did.
    """

    id: UUID
    kind: RemedyKind
    state: RemedyState
    amount: Money
    last_screening_date: date
    requested_at: datetime
    budget_taken: bool = False
    voucher_id: UUID | None = None
    retries: int = 0
    last_error: str = ""
    cause: str = ""  # Of remedies of before it was kept.
    origin: RemedyOrigin = RemedyOrigin.BUYER
    form_reference: str = ""

    def missed(self, error: str) -> None:
        """Count a try of the present step that brought no answer."""
        self.retries += 1
        self.last_error = error

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to come of it any more."""
        return self.state in {RemedyState.GIVEN, RemedyState.DECLINED}

    @property
    def waits_for_budget(self) -> bool:
        return self.kind is RemedyKind.VOUCHER and not self.budget_taken

    @property
    def waits_for_voucher(self) -> bool:
        return self.kind is RemedyKind.VOUCHER and self.voucher_id is None


def window_end(local_date: str, remedy_days: int, time_zone: str) -> datetime:
    """Give the first moment at which it is too late: midnight after the last day, local time."""
    first_day_after = date.fromisoformat(local_date) + timedelta(days=remedy_days + 1)
    return datetime.combine(first_day_after, time.min, tzinfo=ZoneInfo(time_zone))


def last_voucher_date(now: datetime, valid_days: int, time_zone: str) -> date:
    """Give the last calendar date of a screening that the voucher pays."""
    return now.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=valid_days)
