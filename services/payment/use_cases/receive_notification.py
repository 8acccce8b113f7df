"""Take in what the provider tells by itself."""

from dataclasses import dataclass
from functools import partial

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.events import Cause
from services.payment.domain.payment import Payment
from services.payment.domain.provider_reports import apply_report, learn_order, put_aside
from services.payment.domain.refund import RefundEffect, RefundReport, refund_id_of
from services.payment.domain.report import Effect, OrderReport
from services.payment.domain.states import AttemptState, OrderStatus
from services.payment.domain.stray import unknown_stray
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.ports import (
    Background,
    Locked,
    NotificationFacts,
    NotificationInbox,
    Transaction,
    Transactions,
)
from services.payment.use_cases.refund_reports import apply_refund_report
from services.payment.use_cases.resolve_attempt import ResolveAttempt
from services.payment.use_cases.resolve_refund import ResolveRefund

_GOES_ON = frozenset({Effect.AUTHORIZED, Effect.TO_BE_PROVED, Effect.NOTED})


@dataclass(frozen=True, slots=True)
class ReceiveNotification:
    """Store a notification whose signature is right, with its effect, in one transaction.

    Any order of arrival and any number of repeats end the same. The same bytes are known by their
    digest. What follows (asking the owner, proving) begins right after the commit.
    """

    transactions: Transactions
    changes: PaymentChanges
    resolve: ResolveAttempt
    background: Background
    # For what changes nothing but the inbox: one statement is its own transaction.
    inbox: NotificationInbox
    resolve_refund: ResolveRefund

    async def __call__(
        self, facts: NotificationFacts, report: OrderReport | RefundReport | None
    ) -> Effect | RefundEffect:
        """`report` is None for what tells nothing of an order; it is stored all the same."""
        if isinstance(report, RefundReport):
            return await self._take_in_refund(facts, report)
        if report is None:
            return await self._note(facts, Effect.IGNORED)
        is_pending = report.status is OrderStatus.PENDING
        if is_pending and self.changes.has_named(report.ext_order_id):
            return await self._note(facts, Effect.NOTED)
        known: tuple[Payment, PaymentAttempt] | None = None

        def judge(found: Locked) -> Effect | None:
            nonlocal known
            attempt = _attempt_of(found.payment, report)
            if found.payment is None or attempt is None:
                return None
            if is_pending:
                # It tells the order's name, which is not known when the answer to opening was lost.
                learn_order(found.payment, attempt, report)
                return Effect.NOTED
            known = found.payment, attempt
            return apply_report(found.payment, attempt, report, found.now)

        effect = await self.changes.by_notification(facts, judge)
        if effect is None:
            return await self._take_in_unknown(facts, report)
        if known is not None and effect in _GOES_ON:
            self._go_on(*known, effect)
        return effect

    async def _note(self, facts: NotificationFacts, effect: Effect) -> Effect:
        return effect if await self.inbox.add(facts, effect) else Effect.REPEATED

    async def _take_in_refund(
        self, facts: NotificationFacts, report: RefundReport
    ) -> Effect | RefundEffect:
        async with self.transactions() as tx:
            effect = await apply_refund_report(tx, report)
            if not await tx.notifications.add(facts, effect):
                return Effect.REPEATED
            await tx.commit()
        refund_id = refund_id_of(report.provider_reference)
        if effect is RefundEffect.TO_BE_PROVED and refund_id is not None:
            work = partial(self.resolve_refund.quietly, refund_id)
            self.background.start(f"refund:{refund_id}", work)
        return effect

    async def _take_in_unknown(self, facts: NotificationFacts, report: OrderReport) -> Effect:
        async with self.transactions() as tx:
            effect = await self._apply_to_no_attempt(tx, report)
            if not await tx.notifications.add(facts, effect):
                return Effect.REPEATED
            await tx.commit()
        return effect

    async def _apply_to_no_attempt(self, tx: Transaction, report: OrderReport) -> Effect:
        is_stray = await tx.payments.is_stray(report.ext_order_id)
        if is_stray and report.status is OrderStatus.CAPTURED:
            await tx.exceptions.open(put_aside(Cause.CAPTURED_WITHOUT_GRANT, report))
            return Effect.QUARANTINED
        is_pending = report.status is OrderStatus.PENDING
        if not is_stray and not is_pending:
            await tx.exceptions.open(put_aside(Cause.UNKNOWN_ORDER, report))
            if report.status is not OrderStatus.CAPTURED:
                await tx.payments.add_stray(unknown_stray(report))
            return Effect.QUARANTINED
        if is_stray and (is_pending or report.status is OrderStatus.AUTHORIZED):
            await tx.payments.void_stray(report.ext_order_id, report.provider_order_id)
        return Effect.NOTED

    def _go_on(self, payment: Payment, attempt: PaymentAttempt, effect: Effect) -> None:
        key = f"resolve:{payment.id}:{attempt.number}"
        if effect is Effect.AUTHORIZED:
            work = partial(self.resolve.decide_quietly, payment, attempt.number)
        elif effect is Effect.TO_BE_PROVED or attempt.state is AttemptState.CANCELLING:
            work = partial(self.resolve.quietly, payment.id, attempt.number)
        else:
            return
        self.background.start(key, work)


def _attempt_of(payment: Payment | None, report: OrderReport) -> PaymentAttempt | None:
    if payment is None:
        return None
    for attempt in payment.attempts.values():
        if attempt.ext_order_id == report.ext_order_id and attempt.pos_id == report.pos_id:
            return attempt
    return None
