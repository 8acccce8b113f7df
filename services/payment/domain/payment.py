"""The money side of one purchase: attempts of which one wins, and what became of the money."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.common.money import Money
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.errors import (
    AttemptDiffersError,
    AttemptStillOpenError,
    PaymentAuthorizedError,
    PaymentClosedError,
    PaymentNotAuthorizedError,
)
from services.payment.domain.events import (
    Cause,
    Event,
    PaymentCancelled,
    PaymentConfirmed,
    PaymentExpired,
    PaymentFailed,
    PaymentQuarantined,
)
from services.payment.domain.journal import Entry, capture_entry
from services.payment.domain.lines import LineKind, PaymentLine, fees_of, given_back, whole
from services.payment.domain.next_step import FIRST_STEP_AFTER_S
from services.payment.domain.report import OrderReport
from services.payment.domain.states import AttemptState, Decision, OrderStatus, PaymentState
from services.payment.domain.stray import StrayOrder, stray_of


@dataclass(slots=True)
class Payment:
    """One payment. The money fields are in the currency of `amount`.

    `captured - kept_fees - refunded - converted >= 0` always. `events`, `entries` and `strays`
    are what the change being made adds; they are stored with it. `version` counts the changes.
    """

    id: UUID
    owner: str
    reference_id: UUID
    amount: Money
    create_time: datetime
    state: PaymentState = PaymentState.OPEN
    captured: int = 0
    kept_fees: int = 0
    refunded: int = 0
    converted: int = 0
    event_version: int = 0
    version: int = 1
    lines: tuple[PaymentLine, ...] = ()
    attempts: dict[int, PaymentAttempt] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    strays: list[StrayOrder] = field(default_factory=list)

    @property
    def remaining(self) -> Money:
        """What may still be refunded or turned into vouchers."""
        left = self.captured - self.kept_fees - self.refunded - self.converted
        return Money(self.amount.currency, left)

    def parts_of(self, minor_units: int) -> tuple[tuple[LineKind, int], ...]:
        """Tell what of the payment the next amount that goes back is taken from."""
        lines = self.lines or whole(LineKind.TICKETS, self.amount)
        before = self.refunded + self.converted - (fees_of(self.lines) - self.kept_fees)
        return tuple(given_back(lines, max(0, before), minor_units))

    def find_repeat(self, number: int, amount: Money) -> PaymentAttempt | None:
        """Find the attempt that is asked for again; None when the number is free to open.

        Raises ATTEMPT_DIFFERS, PAYMENT_CLOSED or ATTEMPT_STILL_OPEN.
        """
        if amount != self.amount:
            raise AttemptDiffersError(self.reference_id, number)
        if number in self.attempts:
            return self.attempts[number]
        if self.state is not PaymentState.OPEN:
            self._refuse_second_attempt(number)
        for earlier in self.attempts.values():
            if not earlier.is_final:
                raise AttemptStillOpenError(self.reference_id, earlier.number)
            if earlier.number > number:
                raise AttemptDiffersError(self.reference_id, number)
        return None

    def open_attempt(self, attempt: PaymentAttempt, now: datetime) -> None:
        """Add an attempt whose number `find_repeat` found free."""
        attempt.next_step_at = _after(now, FIRST_STEP_AFTER_S[AttemptState.OPENING])
        self.attempts[attempt.number] = attempt

    def attempt_opened(
        self, number: int, round_: int, provider_order_id: str, redirect_url: str, now: datetime
    ) -> None:
        """Keep the provider's answer; what a notification said meanwhile stays true."""
        attempt = self.attempts.get(number)
        if attempt is None or attempt.round != round_:
            return
        attempt.learn_order(provider_order_id, redirect_url)
        if attempt.state is AttemptState.OPENING:
            attempt.move(AttemptState.AWAITING_CUSTOMER, now)
        elif attempt.state is AttemptState.CANCELLING:
            attempt.look_soon(now)

    def opening_refused(self, number: int, now: datetime) -> None:
        """End an attempt that the provider will not open, for reasons that stay."""
        attempt = self.attempts[number]
        if attempt.state is AttemptState.OPENING:
            attempt.move(AttemptState.FAILED, now)
            attempt.opening = None
            self.events.append(PaymentFailed(number))

    def opening_expired(self, number: int, now: datetime) -> None:
        """End an attempt whose time was over before its page was known to anybody."""
        attempt = self.attempts[number]
        self.strays.append(stray_of(attempt))
        attempt.move(AttemptState.FAILED, now)
        attempt.opening = None
        self.events.append(PaymentExpired(number))

    def cancelled_unopened(self, number: int, now: datetime) -> None:
        """End the cancellation of an attempt of which the provider has nothing."""
        attempt = self.attempts[number]
        if attempt.state is AttemptState.CANCELLING:
            attempt.move(AttemptState.CANCELLED, now)
            attempt.opening = None
            self.events.append(PaymentCancelled(number))
            self.restate()

    def give_up_opening(self, number: int, *, was_sent: bool) -> bool:
        """Forget an attempt that never opened, so that its number is free again.

        When something was sent, the provider order stays as a stray. False when it is open now.
        """
        attempt = self.attempts.get(number)
        if attempt is None or attempt.state is not AttemptState.OPENING:
            return False
        if was_sent:
            self.strays.append(stray_of(attempt))
        del self.attempts[number]
        return True

    def begin_round(self, number: int, lost_order_id: str, now: datetime) -> bool:
        """Leave a provider order whose page address was lost, and go for another one."""
        attempt = self.attempts.get(number)
        if attempt is None or attempt.state is not AttemptState.OPENING:
            return False
        attempt.provider_order_id = lost_order_id
        self.strays.append(stray_of(attempt))
        attempt.provider_order_id = None
        attempt.begin_round(attempt.round + 1)
        attempt.next_step_at = _after(now, FIRST_STEP_AFTER_S[AttemptState.OPENING])
        return True

    def decide(
        self, number: int, decision: Decision, refusal_reason: str | None, now: datetime
    ) -> None:
        """Keep the owner's decision: the first one, for ever."""
        attempt = self.attempts[number]
        if attempt.state is not AttemptState.AUTHORIZED or attempt.decision is not None:
            return
        attempt.decision = decision
        attempt.decision_time = now
        attempt.next_step_at = None
        if decision is Decision.GRANT:
            return
        attempt.refusal_reason = refusal_reason
        if attempt.taken_early:
            self._take_without_grant(attempt, self.amount, now)
        else:
            attempt.move(AttemptState.CANCELLING, now)
        self.restate()

    def send_capture(self, number: int, now: datetime) -> bool:
        """Say that the capture is on its way; true when the provider must be told now."""
        attempt = self.attempts.get(number)
        if attempt is None:
            raise PaymentNotAuthorizedError(self.reference_id, number)
        if attempt.state in {AttemptState.CAPTURE_SENT, AttemptState.CAPTURED}:
            return False
        if attempt.state is not AttemptState.AUTHORIZED or not attempt.is_granted:
            raise PaymentNotAuthorizedError(self.reference_id, number)
        attempt.move(AttemptState.CAPTURE_SENT, now)
        attempt.capture_sent_time = now
        self.restate()
        if attempt.taken_early:
            self.capture(attempt, now)
            return False
        return True

    def capture_granted(self, number: int, now: datetime) -> bool:
        """Send the capture of an attempt if it is authorised and granted; else change nothing."""
        attempt = self.attempts[number]
        if attempt.state is not AttemptState.AUTHORIZED or not attempt.is_granted:
            return False
        return self.send_capture(number, now)

    def capture(self, attempt: PaymentAttempt, now: datetime) -> None:
        """Keep that the money is taken: the attempt has won, and its fees stay."""
        attempt.move(AttemptState.CAPTURED, now)
        self.captured = self.amount.minor_units
        self.kept_fees = fees_of(self.lines)
        parts = self.parts_of(self.captured)
        self.entries.append(capture_entry(attempt.ext_order_id, self.amount, parts))
        self.events.append(PaymentConfirmed(attempt.number))
        self.restate()

    def cancel(self, now: datetime, *, unless_authorized: bool = False) -> bool:
        """Give it up; false when it was before. PAYMENT_CLOSED; PAYMENT_AUTHORIZED if so asked."""
        if self.state is PaymentState.CANCELLED:
            return False
        if self.state in {PaymentState.CAPTURED, PaymentState.CAPTURING}:
            raise PaymentClosedError(self.reference_id, self.state)
        for attempt in self.attempts.values():
            if unless_authorized and attempt.state is AttemptState.AUTHORIZED:
                raise PaymentAuthorizedError(self.reference_id, attempt.number)
            if attempt.state is AttemptState.CANCELLING or attempt.is_final:
                continue
            if attempt.taken_early:
                self._take_without_grant(attempt, self.amount, now)
            else:
                attempt.move(AttemptState.CANCELLING, now)
        self.state = PaymentState.CANCELLED
        return True

    def quarantine(
        self, attempt: PaymentAttempt, report: OrderReport, cause: Cause, now: datetime
    ) -> None:
        """Put an attempt aside: money that was taken goes back in full, what is open is closed."""
        attempt.learn_order(report.provider_order_id)
        if report.status in {OrderStatus.PENDING, OrderStatus.AUTHORIZED}:
            self.strays.append(stray_of(attempt))
        attempt.move(AttemptState.QUARANTINED, now)
        attempt.opening = None
        taken = report.status is OrderStatus.CAPTURED and report.amount.minor_units > 0
        if cause is Cause.CAPTURED_WITHOUT_GRANT and self.captured:
            cause = Cause.SECOND_PAYMENT
        self.note_exception(cause, attempt.number, report, taken=taken)
        self.restate()

    def note_exception(
        self, cause: Cause, number: int, report: OrderReport, *, taken: bool = False
    ) -> None:
        """Tell of a contradiction; `taken`: the reported money is there and belongs to nothing."""
        self.events.append(
            PaymentQuarantined(
                cause=cause,
                attempt=number,
                pos_id=report.pos_id,
                provider_order_id=report.provider_order_id,
                ext_order_id=report.ext_order_id,
                reported=report.amount,
                taken=taken,
            )
        )

    def forget_changes(self) -> None:
        """Start anew after the changes were stored."""
        self.events.clear()
        self.entries.clear()
        self.strays.clear()

    def restate(self) -> None:
        """Follow the attempts; what is captured or cancelled stays so."""
        if self.state in {PaymentState.CAPTURED, PaymentState.CANCELLED}:
            return
        states = {attempt.state for attempt in self.attempts.values()}
        if AttemptState.CAPTURED in states:
            self.state = PaymentState.CAPTURED
        elif AttemptState.CAPTURE_SENT in states:
            self.state = PaymentState.CAPTURING
        elif AttemptState.AUTHORIZED in states:
            self.state = PaymentState.AUTHORIZED
        else:
            self.state = PaymentState.OPEN

    def _take_without_grant(self, attempt: PaymentAttempt, amount: Money, now: datetime) -> None:
        report = OrderReport(
            pos_id=attempt.pos_id,
            provider_order_id=attempt.provider_order_id or "",
            ext_order_id=attempt.ext_order_id,
            status=OrderStatus.CAPTURED,
            amount=amount,
            proved=True,
        )
        self.quarantine(attempt, report, Cause.CAPTURED_WITHOUT_GRANT, now)

    def _refuse_second_attempt(self, number: int) -> None:
        if self.state is PaymentState.AUTHORIZED:
            open_ones = [each.number for each in self.attempts.values() if not each.is_final]
            raise AttemptStillOpenError(self.reference_id, max(open_ones, default=number))
        raise PaymentClosedError(self.reference_id, self.state)


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
