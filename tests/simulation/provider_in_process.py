"""The emulated provider without its HTTP: its own book of orders, driven and asked in process.

What it answers goes through the adapter's own reading of documents, so that both speak the same
words as over the wire. Calls can fail before or after they took effect, and we can die there.
"""

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from deploy.payu_emulator.answers import PayuError
from deploy.payu_emulator.behaviour import Behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.documents import (
    notification_body,
    order_document,
    refund_document,
)
from deploy.payu_emulator.faults import FaultScript
from deploy.payu_emulator.notifications import Courier
from deploy.payu_emulator.order import Notification, Order
from deploy.payu_emulator.orders import OrderBook
from deploy.payu_emulator.refunds import Refunds
from deploy.payu_emulator.settings import PointOfSale as EmulatedShop
from deploy.payu_emulator.signature import header
from deploy.payu_emulator.store import OrderStore
from services.payment.adapters.payu.notifications import NotificationReader
from services.payment.adapters.payu.orders import order_body
from services.payment.adapters.payu.points_of_sale import PayuPointOfSale, PointsOfSale, as_port
from services.payment.adapters.payu.refunds import read_refund_document, refund_body
from services.payment.adapters.payu.statuses import read_order
from services.payment.domain.refund import RefundReport
from services.payment.domain.report import OrderReport
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import (
    NewOrder,
    NotificationFacts,
    OpenedOrder,
    OrderExistsError,
    OutcomeUnknownError,
    PointOfSale,
    ProviderDownError,
    ProviderRefusedError,
)
from services.payment.use_cases.refund_ports import RefundOrder

MAX_DELETES_PER_VOID = 2


class DiedError(BaseException):
    """The process was killed here: nothing of ours runs after it."""


class MemoryRecord:
    """The emulator's record without its disk."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}

    def keep(self, order: Order) -> None:
        self.orders[order.order_id] = order

    def keep_setting(self, name: str, value: str) -> None:
        """Nothing is kept."""

    def setting(self, _name: str) -> None:
        return None

    def is_durable(self, _order_id: str) -> bool:
        return True

    def find(self, order_id: str) -> Order | None:
        return self.orders.get(order_id)

    def find_ext(self, pos_id: str, ext_order_id: str) -> Order | None:
        for order in self.orders.values():
            if (order.pos_id, order.ext_order_id) == (pos_id, ext_order_id):
                return order
        return None


def point_of_sale(pos_id: str, currency: str, *, auto_receive: bool) -> PayuPointOfSale:
    return PayuPointOfSale(
        pos_id=pos_id,
        currency=currency,
        client_id=pos_id,
        client_secret=SecretStr(f"secret of {pos_id}"),
        second_key=SecretStr(f"key of {pos_id}"),
        auto_receive=auto_receive,
    )


SHOPS = PointsOfSale(
    {
        "RON": point_of_sale("300746", "RON", auto_receive=False),
        "EUR": point_of_sale("300747", "EUR", auto_receive=True),
    }
)


@dataclass
class ProviderInProcess:
    """The port `PaymentProvider` on the emulator's own book.

    `trouble` is what happens at the next call: `down` (not reached), `lost` (done, the answer is
    lost), `die_before` and `die_after` (our process ends there).
    """

    trouble: str = ""
    deaths: int = 0
    record: MemoryRecord = field(default_factory=MemoryRecord)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        record: Any = self.record
        session: Any = None
        shops = {each.pos_id: _emulated(each) for each in SHOPS.all}
        behaviour = Behaviour(refund_delay_ms=10**9)
        faults = FaultScript(record)
        self.store = OrderStore(record)
        courier = Courier(self.store, self.clock, behaviour, faults, shops, session)
        self.book = OrderBook(self.store, self.clock, behaviour, courier, shops)
        self.refunds = Refunds(self.book, self.clock, behaviour, faults)
        self.reader = NotificationReader(SHOPS, frozenset({"sha256"}))

    @property
    def orders(self) -> list[Order]:
        return list(self.record.orders.values())

    def message(
        self, order: Order, notice: Notification
    ) -> tuple[NotificationFacts, OrderReport | RefundReport | None]:
        """Write a notification as it goes over the wire, and read it as our endpoint does."""
        body = notification_body(order, notice)
        key = next(each for each in SHOPS.all if each.pos_id == order.pos_id).signing_keys[0]
        return self.reader.read(body, {"OpenPayu-Signature": header(body, key, "SHA-256")})

    def point_of_sale(self, currency: str) -> PointOfSale:
        return as_port(SHOPS.of_currency(currency))

    async def open_order(self, order: NewOrder) -> OpenedOrder:
        self._before()
        earlier = self.store.find_ext(order.pos_id, order.ext_order_id)
        if earlier is not None:
            raise OrderExistsError(earlier.order_id)
        body = order_body(order, SHOPS.of_currency(order.amount.currency), "http://shop.example")
        opened = self.book.open(body)
        self._after()
        return OpenedOrder(opened.order_id, f"https://pay.example/{opened.order_id}")

    async def read_order(self, pos_id: str, provider_order_id: str) -> OrderReport | None:
        self._before()
        order = self._find(pos_id, provider_order_id)
        return (
            None if order is None else read_order(order_document(order, order.status), proved=True)
        )

    async def void_order(self, pos_id: str, provider_order_id: str) -> None:
        for _ in range(MAX_DELETES_PER_VOID):
            self._before()
            order = self._known(pos_id, provider_order_id)
            self._refusing(lambda order=order: self.book.cancel(order))
            self._after()
            report = await self.read_order(pos_id, provider_order_id)
            if report is None or report.status is not OrderStatus.AUTHORIZED:
                return

    async def capture_order(self, pos_id: str, provider_order_id: str) -> None:
        self._before()
        order = self._known(pos_id, provider_order_id)
        self._refusing(lambda: self.book.capture(order))
        self._after()

    async def refund_order(self, refund: RefundOrder) -> RefundReport:
        self._before()
        order = self._known(refund.pos_id, refund.provider_order_id)
        made = self._refusing(lambda: self.refunds.request(order, refund_body(refund)))
        self._after()
        return self._report(refund, refund_document(order, made))

    async def read_refund(self, refund: RefundOrder) -> RefundReport | None:
        self._before()
        order = self._known(refund.pos_id, refund.provider_order_id)
        for made in order.refunds:
            if made["ext_refund_id"] == refund.provider_reference:
                return self._report(refund, refund_document(order, made))
        return None

    def _report(self, refund: RefundOrder, document: dict[str, Any]) -> RefundReport:
        return read_refund_document(
            document,
            pos_id=refund.pos_id,
            provider_order_id=refund.provider_order_id,
            proved=True,
        )

    def _find(self, pos_id: str, order_id: str) -> Order | None:
        order = self.store.find(order_id)
        return order if order is not None and order.pos_id == pos_id else None

    def _known(self, pos_id: str, order_id: str) -> Order:
        order = self._find(pos_id, order_id)
        if order is None:
            raise ProviderRefusedError("DATA_NOT_FOUND")
        return order

    def _refusing(self, call: Any) -> Any:
        try:
            return call()
        except PayuError as error:
            status = error.body["status"]
            literal = status.get("codeLiteral", status["statusCode"])
            raise ProviderRefusedError(literal) from error

    def _before(self) -> None:
        if self.trouble == "die_before":
            self.trouble = ""
            self.deaths += 1
            raise DiedError
        if self.trouble == "down":
            self.trouble = ""
            raise ProviderDownError("down", was_sent=False)

    def _after(self) -> None:
        trouble, self.trouble = self.trouble, ""
        if trouble == "die_after":
            self.deaths += 1
            raise DiedError
        if trouble == "lost":
            raise OutcomeUnknownError("lost")


def _emulated(shop: PayuPointOfSale) -> EmulatedShop:
    return EmulatedShop(
        pos_id=shop.pos_id,
        currency=shop.currency,
        client_id=shop.client_id,
        client_secret=shop.client_secret.get_secret_value(),
        second_key=shop.second_key.get_secret_value(),
        auto_receive=shop.auto_receive,
    )
