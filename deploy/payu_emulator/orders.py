"""The life of an order: NEW -> PENDING -> (WAITING_FOR_CONFIRMATION) -> COMPLETED | CANCELED."""

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from deploy.payu_emulator.agenda import Agenda
from deploy.payu_emulator.answers import PayuError, invalid
from deploy.payu_emulator.behaviour import Behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.new_order import default_validity_s
from deploy.payu_emulator.notifications import Courier
from deploy.payu_emulator.order import FINAL, UNPAID, Order, Refund, Status
from deploy.payu_emulator.settings import PointOfSale
from deploy.payu_emulator.store import OrderStore

TEST_CARD = "4444333322221111"
APPROVED = "000"
DECLINED = "S05"
authorization_lifetime_s = 7 * 86400
max_transactions_per_order = 20


class NotPayableError(Exception):
    """The order is paid, expired or cancelled already."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order.order_id} is {order.status} and cannot be paid.")
        self.order = order


class OrderBook:
    """Every change of an order. Each is one step without awaiting, so no two can mix."""

    def __init__(
        self,
        store: OrderStore,
        clock: Clock,
        behaviour: Behaviour,
        courier: Courier,
        points_of_sale: Mapping[str, PointOfSale],
    ) -> None:
        self._store = store
        self._clock = clock
        self._behaviour = behaviour
        self._courier = courier
        self._points_of_sale = points_of_sale
        self.agenda = Agenda(clock, self._due)

    def open(self, request: dict[str, Any]) -> Order:
        """Open a new order from a checked body whose extOrderId is free."""
        if self._store.is_full:
            raise PayuError(503, "SERVICE_NOT_AVAILABLE", "Too many unfinished orders")
        now = self._clock.now()
        auto_pay_ms = self._behaviour.auto_pay_after_ms
        order = Order(
            order_id=_new_order_id(now),
            pos_id=request["merchantPosId"],
            ext_order_id=request.get("extOrderId") or None,
            currency=request["currencyCode"],
            total=int(request["totalAmount"]),
            request=request,
            page_token=secrets.token_urlsafe(24),
            payment_id=str(secrets.randbelow(9 * 10**9) + 10**9),
            created_at=now,
            changed_at=now,
            expires_at=now + int(request.get("validityTime", default_validity_s)),
            auto_pay_at=None if auto_pay_ms is None else now + auto_pay_ms / 1000,
        )
        order.note(now, "CREATED", totalAmount=str(order.total))
        self.keep(order)
        return order

    def keep(self, order: Order) -> None:
        """Record the order and see to whatever it is waiting for."""
        self._store.keep(order)
        self._courier.wake(order)
        if (at := _next_deadline(order)) is not None:
            self.agenda.put(order.order_id, at)
        else:
            self.agenda.drop(order.order_id)

    def resume(self, order: Order) -> None:
        """Take up an order again after a restart, and what came due meanwhile."""
        self.catch_up(order)
        self.keep(order)

    def pay(self, order: Order, card_number: str = TEST_CARD) -> None:
        """Let the payer's card be approved; raises NotPayableError when it is too late."""
        now = self._check_payable(order)
        self._try_card(order, card_number, APPROVED, None)
        order.authorized = order.total
        pos = self._points_of_sale.get(order.pos_id)
        if pos is not None and pos.auto_receive:
            order.captured = order.total
            self._move(order, Status.COMPLETED, captured=str(order.captured))
        else:
            order.authorization_ends_at = now + authorization_lifetime_s
            self._move(order, Status.WAITING_FOR_CONFIRMATION, authorized=str(order.authorized))
        self.keep(order)

    def decline(self, order: Order, card_number: str = TEST_CARD, *, final: bool = True) -> None:
        """Let the payer's card be refused; when not final, another card may be tried."""
        self._check_payable(order)
        self._try_card(order, card_number, DECLINED, "AUT_ERROR_NO_AUTHORIZATION")
        if final:
            self._move(order, Status.CANCELED, by="decline")
        self.keep(order)

    def leave(self, order: Order) -> None:
        """Let the payer close the page: nothing changes but the history."""
        order.note(self._clock.now(), "PAGE_LEFT")
        self.keep(order)

    def cancel(self, order: Order) -> None:
        """Cancel for the shop. An authorised order takes two calls; a final one refuses."""
        now = self._clock.now()
        if order.status in FINAL:
            order.note(now, "CANCEL_REFUSED")
            self.keep(order)
            raise PayuError(
                400,
                "ERROR_VALUE_INVALID",
                f"Order in status {order.status} cannot be cancelled",
                severity="ERROR",
                literal="INVALID_ORDER_STATUS",
            )
        if order.status is Status.WAITING_FOR_CONFIRMATION and not order.cancel_requested:
            order.cancel_requested = True
            order.note(now, "CANCEL_REQUESTED")
        else:
            self._move(order, Status.CANCELED, by="shop")
        self.keep(order)

    def capture(self, order: Order, amount: int | None = None) -> None:
        """Take the authorised money, or a smaller part of it; only once, only when authorised."""
        if order.status is not Status.WAITING_FOR_CONFIRMATION:
            order.note(self._clock.now(), "CAPTURE_REFUSED", status=order.status)
            self.keep(order)
            raise PayuError(
                400,
                "ERROR_VALUE_INVALID",
                f"Order in status {order.status} cannot be captured",
                severity="ERROR",
                literal="INVALID_ORDER_STATUS",
            )
        if amount is not None and not 0 < amount < order.authorized:
            raise invalid("amount", "less than the authorised amount is expected")
        order.captured = order.authorized if amount is None else amount
        self._move(order, Status.COMPLETED, captured=str(order.captured))
        self.keep(order)

    def settle_refund(self, order: Order, refund: Refund) -> None:
        """End a pending refund as it was scripted, and tell the shop."""
        refund["status"] = "CANCELED" if refund["fails_with"] else "FINALIZED"
        refund["changed_at"] = self._clock.now()
        order.note(
            refund["changed_at"],
            f"REFUND_{refund['status']}",
            refundId=refund["refund_id"],
            amount=str(refund["amount"]),
        )
        self._courier.announce(order, refund["status"], refund)

    def catch_up(self, order: Order) -> None:
        """Do what should have happened to the order by now."""
        now = self._clock.now()
        if order.status in UNPAID and order.expires_at <= now:
            self._move(order, Status.CANCELED, by="validity time")
        ends_at = order.authorization_ends_at
        if order.status is Status.WAITING_FOR_CONFIRMATION and ends_at and ends_at <= now:
            self._move(order, Status.CANCELED, by="authorisation lapsed")
        for refund in order.refunds:
            if refund["status"] == "PENDING" and refund["settles_at"] <= now:
                self.settle_refund(order, refund)
        if order.status is Status.NEW and order.auto_pay_at and order.auto_pay_at <= now:
            self.pay(order)

    def _due(self, order_id: str) -> None:
        if (order := self._store.find(order_id)) is not None:
            self.resume(order)

    def _check_payable(self, order: Order) -> float:
        now = self._clock.now()
        if order.status in UNPAID and order.expires_at <= now:
            self._move(order, Status.CANCELED, by="validity time")
            self.keep(order)
        if order.status not in UNPAID or len(order.transactions) >= max_transactions_per_order:
            raise NotPayableError(order)
        return now

    def _try_card(self, order: Order, number: str, code: str, result: str | None) -> None:
        if order.status is Status.NEW:
            self._move(order, Status.PENDING)
        masked = f"{number[:6]}******{number[-4:]}"
        order.transactions.append(
            {
                "at": self._clock.now(),
                "card_number_masked": masked,
                "card_response_code": code,
                "result_code": result,
            }
        )
        order.note(self._clock.now(), "CARD_TRIED", cardResponseCode=code)

    def _move(self, order: Order, status: Status, **detail: str) -> None:
        order.status = status
        order.changed_at = self._clock.now()
        order.note(order.changed_at, status, **detail)
        self._courier.announce(order, status)


def _next_deadline(order: Order) -> float | None:
    times = [refund["settles_at"] for refund in order.refunds if refund["status"] == "PENDING"]
    if order.status in UNPAID:
        times.append(order.expires_at)
        if order.auto_pay_at is not None and order.status is Status.NEW:
            times.append(order.auto_pay_at)
    elif order.status is Status.WAITING_FOR_CONFIRMATION and order.authorization_ends_at:
        times.append(order.authorization_ends_at)
    return min(times, default=None)


def _new_order_id(now: float) -> str:
    random_part = base64.b32encode(secrets.token_bytes(7))[:10].decode()
    return f"{random_part}{datetime.fromtimestamp(now, UTC):%y%m%d}GUEST000P01"
