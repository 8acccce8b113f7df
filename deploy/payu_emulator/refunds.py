"""Refunds: accepted at once, settled later, never more than was captured."""

import secrets
from typing import Any

from deploy.payu_emulator.answers import PayuError, invalid, missing
from deploy.payu_emulator.behaviour import Behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.documents import refund_document
from deploy.payu_emulator.faults import FaultScript
from deploy.payu_emulator.new_order import max_amount_digits
from deploy.payu_emulator.order import Order, Refund, Status
from deploy.payu_emulator.orders import OrderBook

max_refunds_per_order = 100
max_ext_refund_id_characters = 1024


class Refunds:
    """Takes refund requests; each is one step without awaiting."""

    def __init__(
        self, book: OrderBook, clock: Clock, behaviour: Behaviour, faults: FaultScript
    ) -> None:
        self._book = book
        self._clock = clock
        self._behaviour = behaviour
        self._faults = faults

    def request(self, order: Order, body: dict[str, Any]) -> Refund:
        """Accept a refund, or return the earlier one that has exactly the same data.

        Raises PayuError: MISSING_REFUND_SECTION, TRANS_NOT_ENDED, AMOUNT_TO_BIG, NO_BALANCE,
        REFUND_IDEMPOTENCY_MISMATCH and the like; nothing is recorded then but the history.
        """
        asked = _read_refund(order, body)
        if earlier := _find_earlier(order, asked):
            return earlier
        if order.status is not Status.COMPLETED:
            raise _refused("TRANS_NOT_ENDED", "Transaction not ended")
        left = order.captured - order.refunded - order.refund_pending
        amount = left if asked["amount"] is None else asked["amount"]
        if amount > left or amount < 1 or len(order.refunds) >= max_refunds_per_order:
            order.note(self._clock.now(), "REFUND_REFUSED", amount=str(amount), left=str(left))
            self._book.keep(order)
            raise _refused("AMOUNT_TO_BIG", "Refund amount exceeds the available amount")
        refund = self._new_refund(order, asked, amount)
        if self._faults.take_for(order, "no_balance"):
            order.note(self._clock.now(), "REFUND_WITHOUT_BALANCE", amount=str(amount))
            self._book.keep(order)
            raise _no_balance(order, refund)
        order.refunds.append(refund)
        order.note(
            refund["created_at"],
            "REFUND_REQUESTED",
            refundId=refund["refund_id"],
            amount=str(amount),
        )
        self._book.keep(order)
        return refund

    def _new_refund(self, order: Order, asked: dict[str, Any], amount: int) -> Refund:
        now = self._clock.now()
        failure = self._faults.take_for(order, "refund_canceled")
        return {
            "refund_id": str(5 * 10**9 + secrets.randbelow(10**9)),
            "ext_refund_id": asked["ext_refund_id"],
            "amount": amount,
            "description": asked["description"],
            "status": "PENDING",
            "created_at": now,
            "changed_at": now,
            "settles_at": now + self._behaviour.refund_delay_ms / 1000,
            "fails_with": None if failure is None else failure.error_code,
        }


def _read_refund(order: Order, body: dict[str, Any]) -> dict[str, Any]:
    section = body.get("refund")
    if not isinstance(section, dict):
        raise PayuError(
            400,
            "ERROR_VALUE_MISSING",
            "Missing required field",
            severity="ERROR",
            code="8300",
            literal="MISSING_REFUND_SECTION",
        )
    if not section.get("description"):
        raise missing("refund.description")
    if section.get("currencyCode", order.currency) != order.currency:
        raise PayuError(400, "ERROR_INCONSISTENT_CURRENCIES", "Currency differs from the order's")
    ext_refund_id = section.get("extRefundId")
    if ext_refund_id is not None and (
        not isinstance(ext_refund_id, str) or len(ext_refund_id) > max_ext_refund_id_characters
    ):
        raise invalid("refund.extRefundId", "a short string is expected")
    return {
        "amount": _read_amount(section.get("amount")),
        "description": str(section["description"]),
        "ext_refund_id": ext_refund_id,
    }


def _read_amount(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise invalid("refund.amount", "a string of digits is expected")
    if len(value) > max_amount_digits or int(value) < 1:
        raise invalid("refund.amount", "out of range")
    return int(value)


def _find_earlier(order: Order, asked: dict[str, Any]) -> Refund | None:
    for refund in order.refunds:
        if refund["ext_refund_id"] != asked["ext_refund_id"]:
            continue
        same_amount = asked["amount"] in (None, refund["amount"])
        if same_amount and asked["description"] == refund["description"]:
            return refund
        if asked["ext_refund_id"] is not None:
            raise _refused("REFUND_IDEMPOTENCY_MISMATCH", "Refund data differs from the earlier")
    return None


def _refused(literal: str, description: str, **beside: Any) -> PayuError:
    return PayuError(
        400,
        "OPENPAYU_BUSINESS_ERROR",
        description,
        severity="ERROR",
        literal=literal,
        **beside,
    )


def _no_balance(order: Order, refund: Refund) -> PayuError:
    # HTTP 200 on purpose: the provider says this in the body of an otherwise normal answer.
    return PayuError(
        200,
        "OPENPAYU_BUSINESS_ERROR",
        "No balance for refund",
        severity="ERROR",
        code="9102",
        literal="NO_BALANCE",
        orderId=order.order_id,
        refund=refund_document(order, refund),
    )
