"""A provider and owners that keep their ports' promises, and do what a test tells them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.common.money import Money
from services.payment.domain.errors import CurrencyNotSupportedError
from services.payment.domain.refund import RefundReport, RefundStatus
from services.payment.domain.report import OrderReport
from services.payment.domain.states import Decision, OrderStatus
from services.payment.use_cases.ports import (
    NewOrder,
    OpenedOrder,
    OrderExistsError,
    OwnerUnavailableError,
    PointOfSale,
    ProviderRefusedError,
    Verdict,
)
from services.payment.use_cases.refund_ports import RefundOrder

Open = Callable[[NewOrder], Awaitable[OpenedOrder]]

POINT_OF_SALE = PointOfSale("300746", "RON", auto_receive=False)
AUTO_POINT_OF_SALE = PointOfSale("300747", "EUR", auto_receive=True)


@dataclass
class FakeOrder:
    order: NewOrder
    order_id: str
    status: OrderStatus = OrderStatus.PENDING
    captures: int = 0
    deletes: int = 0
    refunds: dict[str, RefundReport] = field(default_factory=dict)


@dataclass
class FakeProvider:
    """`before` and `after` hold errors to raise on the next calls, by operation: after means that
    the provider did it and its answer was lost."""

    orders: dict[str, FakeOrder] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))

    def point_of_sale(self, currency: str) -> PointOfSale:
        for known in (POINT_OF_SALE, AUTO_POINT_OF_SALE):
            if known.currency == currency:
                return known
        raise CurrencyNotSupportedError(currency)

    async def open_order(self, order: NewOrder) -> OpenedOrder:
        self._begin("open", order.pos_id)
        for known in self.orders.values():
            if known.order.ext_order_id == order.ext_order_id:
                raise OrderExistsError(known.order_id)
        order_id = f"ORDER-{len(self.orders) + 1}-{order.ext_order_id[:8]}"
        self.orders[order_id] = FakeOrder(order, order_id)
        self._end("open")
        return OpenedOrder(order_id, f"https://pay.example/{order_id}")

    async def read_order(self, pos_id: str, provider_order_id: str) -> OrderReport | None:
        self._begin("read", pos_id)
        known = self.orders.get(provider_order_id)
        return None if known is None else report_of(known, proved=True)

    async def void_order(self, pos_id: str, provider_order_id: str) -> None:
        known = self._known(provider_order_id)
        self._begin("void", pos_id)
        known.deletes += 1
        if known.status is OrderStatus.CAPTURED:
            raise ProviderRefusedError("INVALID_ORDER_STATUS")
        known.status = OrderStatus.CANCELLED
        self._end("void")

    async def capture_order(self, pos_id: str, provider_order_id: str) -> None:
        self._begin("capture", pos_id)
        known = self.orders[provider_order_id]
        if known.status is not OrderStatus.AUTHORIZED:
            raise ProviderRefusedError("INVALID_ORDER_STATUS")
        known.status = OrderStatus.CAPTURED
        known.captures += 1
        self._end("capture")

    async def refund_order(self, refund: RefundOrder) -> RefundReport:
        known = self._known(refund.provider_order_id)
        self._begin("refund", refund.pos_id)
        if refund.provider_reference not in known.refunds:
            given = sum(
                each.amount.minor_units
                for each in known.refunds.values()
                if each.status is not RefundStatus.CANCELLED
            )
            if known.status is not OrderStatus.CAPTURED:
                raise ProviderRefusedError("TRANS_NOT_ENDED")
            if given + refund.amount.minor_units > known.order.amount.minor_units:
                raise ProviderRefusedError("AMOUNT_TO_BIG")
            known.refunds[refund.provider_reference] = RefundReport(
                pos_id=refund.pos_id,
                provider_order_id=refund.provider_order_id,
                provider_reference=refund.provider_reference,
                provider_refund_id=f"REFUND-{len(known.refunds) + 1}",
                status=RefundStatus.PENDING,
                amount=refund.amount,
                proved=True,
            )
        self._end("refund")
        return known.refunds[refund.provider_reference]

    async def read_refund(self, refund: RefundOrder) -> RefundReport | None:
        self._begin("read_refund", refund.pos_id)
        known = self.orders.get(refund.provider_order_id)
        return None if known is None else known.refunds.get(refund.provider_reference)

    def _known(self, order_id: str) -> FakeOrder:
        """Other tests' orders may come along with the worker; they strike no scripted error."""
        known = self.orders.get(order_id)
        if known is None:
            raise ProviderRefusedError("DATA_NOT_FOUND")
        return known

    def settle_refunds(self, order_id: str, status: RefundStatus, failure_code: str = "") -> None:
        """Let what is pending of an order's refunds come to its end."""
        known = self.orders[order_id]
        for name, report in known.refunds.items():
            if report.status is RefundStatus.PENDING:
                known.refunds[name] = replace(report, status=status, failure_code=failure_code)

    def _begin(self, operation: str, pos_id: str) -> None:
        assert pos_id in {POINT_OF_SALE.pos_id, AUTO_POINT_OF_SALE.pos_id}
        self.calls.append(operation)
        if self.before[operation]:
            raise self.before[operation].pop(0)

    def _end(self, operation: str) -> None:
        if self.after[operation]:
            raise self.after[operation].pop(0)


@dataclass
class FakeOwners:
    """Gives `verdict`, or does not answer when it is None."""

    verdict: Verdict | None = field(default_factory=lambda: Verdict(Decision.GRANT, None))
    asked: list[tuple[str, UUID, int, Money]] = field(default_factory=list)

    async def decide(self, owner: str, reference_id: UUID, attempt: int, amount: Money) -> Verdict:
        self.asked.append((owner, reference_id, attempt, amount))
        if self.verdict is None:
            raise OwnerUnavailableError(owner)
        return self.verdict


def report_of(known: FakeOrder, *, proved: bool = False, **changes: object) -> OrderReport:
    fields = {
        "pos_id": known.order.pos_id,
        "provider_order_id": known.order_id,
        "ext_order_id": known.order.ext_order_id,
        "status": known.status,
        "amount": known.order.amount,
        "proved": proved,
    } | changes
    return OrderReport(**fields)  # type: ignore[arg-type]
