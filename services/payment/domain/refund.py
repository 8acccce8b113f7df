"""Money on its way back to the provider order that it came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.common.money import Money

# A refund is sent anew under another name this long after it failed, doubling to the longest.
FIRST_RETRY_S = 60.0
LONGEST_RETRY_S = 6 * 3_600.0
# So often may it fail before a person is told; it goes on being repeated.
QUIET_ROUNDS = 3
SENT_CHECK_S = 5.0


class RefundReason(StrEnum):
    """Why money goes back."""

    CANCELLATION = "CANCELLATION"
    REMEDY = "REMEDY"
    LATE_PAYMENT = "LATE_PAYMENT"
    FEE_OVERRIDE = "FEE_OVERRIDE"
    # Payment's own: money that nobody granted.
    EXCEPTION = "EXCEPTION"


class RefundState(StrEnum):
    """The life of a refund."""

    REQUESTED = "REQUESTED"
    SENT = "SENT"
    COMPLETED = "COMPLETED"


class RefundStatus(StrEnum):
    """What the provider says of one of its refunds."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class RefundReport:
    """What the provider says about a refund; `proved` is true for an answer to a question."""

    pos_id: str
    provider_order_id: str
    provider_reference: str
    provider_refund_id: str
    status: RefundStatus
    amount: Money
    failure_code: str = ""
    proved: bool = False


class RefundEffect(StrEnum):
    """What a report of a refund changed here."""

    NOTED = "NOTED"
    REPEATED = "REPEATED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    # A notification alone is not enough here: the provider is asked.
    TO_BE_PROVED = "TO_BE_PROVED"
    IGNORED = "IGNORED"


@dataclass(slots=True)
class Refund:
    """A refund; `round` counts the names that it had at the provider.

    `payment_id` is None for money of an order that is unknown here. A refund with the reason
    EXCEPTION has the ID of its exception. `is_reported` says that a person was told of its
    failing.
    """

    id: UUID
    payment_id: UUID | None
    owner: str
    reference_id: UUID | None
    pos_id: str
    provider_order_id: str
    amount: Money
    reason: RefundReason
    create_time: datetime
    state: RefundState = RefundState.REQUESTED
    round: int = 1
    provider_refund_id: str = ""
    failure_code: str = ""
    is_reported: bool = False
    next_step_at: datetime | None = None
    complete_time: datetime | None = None

    @property
    def provider_reference(self) -> str:
        """Our name of the refund at the provider: unique there, for ever."""
        return str(self.id) if self.round == 1 else f"{self.id}.{self.round}"

    @property
    def is_failing(self) -> bool:
        """Whether it has failed so often that a person should know."""
        return self.round > QUIET_ROUNDS

    def apply(self, report: RefundReport, now: datetime) -> RefundEffect:
        """Apply what the provider says of it: forwards only, and a failure only when proved."""
        if not self._is_about_this(report):
            return RefundEffect.IGNORED
        if self.state is RefundState.COMPLETED:
            return RefundEffect.REPEATED
        self.provider_refund_id = report.provider_refund_id or self.provider_refund_id
        match report.status:
            case RefundStatus.PENDING:
                return self._sent(now)
            case RefundStatus.COMPLETED:
                return self._complete(now)
            case RefundStatus.CANCELLED:
                return self._failed(report, now)

    def pay_by_hand(self, now: datetime) -> RefundEffect:
        """Keep that somebody gave the money back in the provider's own panel."""
        if self.state is RefundState.COMPLETED:
            return RefundEffect.REPEATED
        return self._complete(now)

    def postpone(self, failure_code: str, now: datetime) -> None:
        """Keep why the provider would not begin it; it is asked again later, by the same name."""
        if self.state is RefundState.REQUESTED:
            self.failure_code = failure_code
            self.next_step_at = now + timedelta(seconds=FIRST_RETRY_S)

    def _is_about_this(self, report: RefundReport) -> bool:
        # The provider may leave our name out; then its own name tells, when we know it.
        named = report.provider_reference == self.provider_reference or (
            not report.provider_reference
            and report.provider_refund_id == self.provider_refund_id != ""
        )
        there = (report.pos_id, report.provider_order_id, report.amount)
        return named and there == (self.pos_id, self.provider_order_id, self.amount)

    def _complete(self, now: datetime) -> RefundEffect:
        self.state = RefundState.COMPLETED
        self.failure_code = ""
        self.complete_time = now
        self.next_step_at = None
        return RefundEffect.COMPLETED

    def _sent(self, now: datetime) -> RefundEffect:
        if self.state is RefundState.SENT:
            return RefundEffect.REPEATED
        self.state = RefundState.SENT
        self.failure_code = ""
        self.next_step_at = now + timedelta(seconds=SENT_CHECK_S)
        return RefundEffect.NOTED

    def _failed(self, report: RefundReport, now: datetime) -> RefundEffect:
        if not report.proved:
            # Sending it anew pays again: that it failed must be certain.
            self.next_step_at = now
            return RefundEffect.TO_BE_PROVED
        wait_s = min(FIRST_RETRY_S * 2.0 ** (self.round - 1), LONGEST_RETRY_S)
        self.state = RefundState.REQUESTED
        self.failure_code = report.failure_code or "CANCELED"
        self.provider_refund_id = ""
        self.round += 1
        self.next_step_at = now + timedelta(seconds=wait_s)
        return RefundEffect.FAILED


def refund_id_of(provider_reference: str) -> UUID | None:
    """Read the refund's ID from its name at the provider; None when it is not one of ours."""
    try:
        return UUID(provider_reference.partition(".")[0])
    except ValueError:
        return None
