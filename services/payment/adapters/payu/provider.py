"""PayU as the provider of payments."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import aiohttp

from services.payment.adapters.payu.breaker import Breaker
from services.payment.adapters.payu.client import Answer, PayuClient, PayuLimits, order_path
from services.payment.adapters.payu.orders import order_body
from services.payment.adapters.payu.points_of_sale import PointsOfSale, as_port
from services.payment.adapters.payu.refunds import (
    UnreadableRefundError,
    documents_of,
    is_named,
    read_refund_document,
    refund_body,
)
from services.payment.adapters.payu.statuses import UnreadableOrderError, read_order
from services.payment.domain.refund import RefundReport
from services.payment.domain.report import OrderReport
from services.payment.domain.states import OrderStatus
from services.payment.use_cases.ports import (
    NewOrder,
    OpenedOrder,
    OrderExistsError,
    OutcomeUnknownError,
    PointOfSale,
    ProviderRefusedError,
)
from services.payment.use_cases.refund_ports import RefundOrder

ORDERS_PATH = "/api/v2_1/orders"
# An authorised order takes two: the first asks for the cancellation, the second does it.
MAX_DELETES_PER_VOID = 2
_NOT_FOUND = 404
_FIRST_REFUSAL = 400


@dataclass(slots=True)
class PayuProvider:
    """One client for each point of sale, over one pool of connections."""

    session: aiohttp.ClientSession
    base_url: str
    notify_url: str
    points_of_sale: PointsOfSale
    limits: PayuLimits = field(default_factory=PayuLimits)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _clients: dict[str, PayuClient] = field(init=False)

    def __post_init__(self) -> None:
        self._clients = {
            each.pos_id: PayuClient(
                self.session,
                self.base_url.rstrip("/"),
                each,
                Breaker(
                    max_failures_in_a_row=self.limits.max_failures_in_a_row,
                    open_s=self.limits.breaker_open_ms / 1_000,
                    news=self.news,
                ),
            )
            for each in self.points_of_sale.all
        }

    def open_breakers(self) -> Iterable[str]:
        """List the points of sale that are not called at the moment."""
        return (pos_id for pos_id, client in self._clients.items() if client.breaker.is_open)

    def tripped(self) -> list[str]:
        """List the currencies that have stopped answering here."""
        return sorted(
            client.point_of_sale.currency
            for client in self._clients.values()
            if client.breaker.is_tripped
        )

    def follow(self, down: Sequence[str]) -> None:
        """Do what all processes agree on: who came back for all has come back here."""
        for client in self._clients.values():
            breaker, was_down = client.breaker, client.breaker.is_down_for_all
            breaker.is_down_for_all = client.point_of_sale.currency in down
            if was_down and not breaker.is_down_for_all:
                breaker.succeeded()

    async def probe(self, currency: str) -> None:
        """Find out whether a point of sale answers."""
        await self._client(self.points_of_sale.of_currency(currency).pos_id).probe()

    def point_of_sale(self, currency: str) -> PointOfSale:
        return as_port(self.points_of_sale.of_currency(currency))

    async def open_order(self, order: NewOrder) -> OpenedOrder:
        client = self._client(order.pos_id)
        body = order_body(order, client.point_of_sale, self.notify_url)
        answer = await client.call("POST", ORDERS_PATH, body)
        order_id = answer.body.get("orderId")
        if answer.status_code == "ERROR_ORDER_NOT_UNIQUE" and isinstance(order_id, str):
            raise OrderExistsError(order_id)
        _refuse_unless_success(answer)
        redirect_url = answer.body.get("redirectUri")
        if not isinstance(order_id, str) or not isinstance(redirect_url, str):
            # It was opened, in words that we do not understand: ask again under the same name.
            raise OutcomeUnknownError("an order without its ID or address")
        return OpenedOrder(order_id, redirect_url)

    async def read_order(self, pos_id: str, provider_order_id: str) -> OrderReport | None:
        answer = await self._client(pos_id).call(
            "GET", order_path(provider_order_id), is_repeatable=True
        )
        if answer.http_status == _NOT_FOUND:
            return None
        _refuse_unless_success(answer)
        orders = answer.body.get("orders")
        try:
            return read_order(orders[0] if isinstance(orders, list) and orders else None,
                              proved=True)  # fmt: skip
        except UnreadableOrderError as error:
            raise ProviderRefusedError("UNREADABLE_ORDER") from error

    async def void_order(self, pos_id: str, provider_order_id: str) -> None:
        client = self._client(pos_id)
        for _ in range(MAX_DELETES_PER_VOID):
            answer = await client.call("DELETE", order_path(provider_order_id))
            _refuse_unless_success(answer)
            report = await self.read_order(pos_id, provider_order_id)
            if report is None or report.status is not OrderStatus.AUTHORIZED:
                return

    async def capture_order(self, pos_id: str, provider_order_id: str) -> None:
        path = order_path(provider_order_id, tail="/captures")
        _refuse_unless_success(await self._client(pos_id).call("POST", path))

    async def refund_order(self, refund: RefundOrder) -> RefundReport:
        path = order_path(refund.provider_order_id, tail="/refunds")
        answer = await self._client(refund.pos_id).call(
            "POST", path, refund_body(refund), is_repeatable=True
        )
        # A refund may come with an error beside it: only the status in the body counts.
        if not answer.is_success:
            raise ProviderRefusedError(answer.problem)
        return _read_refund(answer.body.get("refund"), refund)

    async def read_refund(self, refund: RefundOrder) -> RefundReport | None:
        path = order_path(refund.provider_order_id, tail="/refunds")
        answer = await self._client(refund.pos_id).call("GET", path, is_repeatable=True)
        if answer.http_status == _NOT_FOUND:
            return None
        if answer.http_status >= _FIRST_REFUSAL:
            raise ProviderRefusedError(answer.problem)
        for document in documents_of(answer.body):
            if is_named(document, refund):
                return _read_refund(document, refund)
        return None

    def _client(self, pos_id: str) -> PayuClient:
        client = self._clients.get(pos_id)
        if client is None:
            raise ProviderRefusedError("POINT_OF_SALE_UNKNOWN")
        return client


def _read_refund(document: object, refund: RefundOrder) -> RefundReport:
    try:
        found = read_refund_document(
            document,
            pos_id=refund.pos_id,
            provider_order_id=refund.provider_order_id,
            proved=True,
        )
    except UnreadableRefundError as error:
        raise ProviderRefusedError("UNREADABLE_REFUND") from error
    return (
        found
        if found.provider_reference
        else replace(found, provider_reference=refund.provider_reference)
    )


def _refuse_unless_success(answer: Answer) -> None:
    if not answer.is_success:
        raise ProviderRefusedError(answer.status_code)
