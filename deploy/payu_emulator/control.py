"""The control API under /emulator/: for payers without a browser, scripts of faults, and judges."""

import ipaddress
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from aiohttp import web

from deploy.payu_emulator.answers import answer, read_json
from deploy.payu_emulator.behaviour import Behaviour, BehaviourError
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.faults import FaultError, FaultScript
from deploy.payu_emulator.notifications import Courier
from deploy.payu_emulator.oauth import Tokens
from deploy.payu_emulator.order import Order, Status
from deploy.payu_emulator.orders import NotPayableError, OrderBook
from deploy.payu_emulator.record import max_orders_per_page
from deploy.payu_emulator.store import OrderStore

REDACTED = ("page_token",)


class ControlApi:
    """Answers on the loopback interface only. Refusals are `{"error": reason}`."""

    def __init__(
        self,
        store: OrderStore,
        book: OrderBook,
        courier: Courier,
        faults: FaultScript,
        behaviour: Behaviour,
        tokens: Tokens,
        clock: Clock,
        *,
        defaults: Behaviour,
        test_clock: bool,
    ) -> None:
        self._store = store
        self._book = book
        self._courier = courier
        self._faults = faults
        self._behaviour = behaviour
        self._tokens = tokens
        self._clock = clock
        self._defaults = defaults
        self._test_clock = test_clock

    def add_routes(self, router: web.UrlDispatcher) -> None:
        for method, path, handler in (
            ("GET", "health", self.health),
            ("GET", "orders", self.list_orders),
            ("GET", "orders/{ref}", self.show_order),
            ("POST", "orders/{ref}/pay", self.pay),
            ("POST", "orders/{ref}/decline", self.decline),
            ("POST", "orders/{ref}/leave", self.leave),
            ("POST", "orders/{ref}/notify", self.notify),
            ("GET", "totals", self.totals),
            ("GET", "settlement", self.settlement),
            ("GET", "behaviour", self.show_behaviour),
            ("POST", "behaviour", self.change_behaviour),
            ("GET", "faults", self.list_faults),
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("DELETE", "faults/{fault_id}", self.remove_fault),
            ("GET", "clock", self.show_clock),
            ("POST", "clock", self.move_clock),
            ("POST", "tokens/expire", self.expire_tokens),
            ("POST", "reset", self.reset),
        ):
            name = f"emulator_{handler.__name__}"
            router.add_route(method, f"/emulator/{path}", handler, name=name)

    async def health(self, _request: web.Request) -> web.Response:
        return answer({"status": "SERVING"})

    async def list_orders(self, request: web.Request) -> web.Response:
        """List all orders in creation order; `next_after` is null on the last page."""
        try:
            after = int(request.query.get("after", "0"))
            limit = min(max(int(request.query.get("limit", "500")), 1), max_orders_per_page)
        except ValueError:
            return _refuse(400, "after and limit are integers")
        await self._store.record.settled()
        page = self._store.record.page(after, limit)
        return answer(
            {
                "orders": [_document(Order.from_json(document)) for _, document in page],
                "next_after": page[-1][0] if len(page) == limit else None,
            }
        )

    async def show_order(self, request: web.Request) -> web.Response:
        order = self._find(request)
        await self._store.durable(order)
        return answer(_document(order))

    async def pay(self, request: web.Request) -> web.Response:
        order = self._find(request)
        try:
            self._book.pay(order)
        except NotPayableError as error:
            return _refuse(409, str(error), status=order.status)
        return await self._status(order)

    async def decline(self, request: web.Request) -> web.Response:
        """Decline the payer's card; `{"final": false}` leaves the order open for another card."""
        body = await read_json(request)
        order = self._find(request)
        try:
            self._book.decline(order, final=body.get("final", True) is True)
        except NotPayableError as error:
            return _refuse(409, str(error), status=order.status)
        return await self._status(order)

    async def leave(self, request: web.Request) -> web.Response:
        order = self._find(request)
        self._book.leave(order)
        return await self._status(order)

    async def notify(self, request: web.Request) -> web.Response:
        """Send a notification with any status, or the order's own: a replay, or a stale one."""
        body = await read_json(request)
        order = self._find(request)
        if (status := body.get("status", order.status)) not in set(Status):
            return _refuse(400, f"status is one of {sorted(Status)}")
        self._courier.announce(order, str(status), scripted=False)
        self._book.keep(order)
        return await self._status(order)

    async def totals(self, _request: web.Request) -> web.Response:
        await self._store.record.settled()
        return answer({"totals": self._store.record.totals()})

    async def settlement(self, request: web.Request) -> web.Response:
        """List what was captured for a shop on a day (UTC), as a statement of the provider would."""
        try:
            begin = datetime.combine(date.fromisoformat(request.query["day"]), time(), UTC)
            after = int(request.query.get("after", "0"))
        except (KeyError, ValueError):
            return _refuse(400, "day is a date and after an integer")
        await self._store.record.settled()
        span = begin.timestamp(), (begin + timedelta(days=1)).timestamp()
        page = self._store.record.captured_on(request.query.get("pos_id", ""), *span, after)
        full = len(page) == max_orders_per_page
        orders = [
            {"orderId": order_id, "extOrderId": ext_order_id, "captured": str(captured)}
            for _, order_id, ext_order_id, captured in page
        ]
        return answer({"orders": orders, "next_after": page[-1][0] if full else None})

    async def show_behaviour(self, _request: web.Request) -> web.Response:
        return answer(asdict(self._behaviour))

    async def change_behaviour(self, request: web.Request) -> web.Response:
        try:
            self._behaviour.change(await read_json(request), self._store.record)
        except BehaviourError as error:
            return _refuse(400, str(error))
        await self._store.record.settled()
        return answer(asdict(self._behaviour))

    async def list_faults(self, _request: web.Request) -> web.Response:
        return answer({"faults": self._faults.faults})

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = self._faults.add(await read_json(request))
        except FaultError as error:
            return _refuse(400, str(error))
        await self._store.record.settled()
        return answer(asdict(fault))

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._faults.clear()
        return answer({})

    async def remove_fault(self, request: web.Request) -> web.Response:
        self._faults.remove(request.match_info["fault_id"])
        return answer({})

    async def show_clock(self, _request: web.Request) -> web.Response:
        return answer({"offset_seconds": self._clock.offset_seconds, "now": self._clock.now()})

    async def move_clock(self, request: web.Request) -> web.Response:
        """Set `offset_seconds` against the machine's clock, or add `advance_seconds` to it."""
        if not self._test_clock:
            return _refuse(403, "The test clock is off.")
        body = await read_json(request)
        offset = body.get("offset_seconds", self._clock.offset_seconds)
        advance = body.get("advance_seconds", 0)
        if not all(isinstance(each, int | float) for each in (offset, advance)):
            return _refuse(400, "offset_seconds and advance_seconds are numbers")
        self._clock.offset_seconds = float(offset + advance)
        self._store.record.keep_setting("clock", json.dumps(self._clock.offset_seconds))
        self._book.agenda.call_due()
        self._book.agenda.look_again()
        self._courier.agenda.look_again()
        await self._store.record.settled()
        return await self.show_clock(request)

    async def expire_tokens(self, _request: web.Request) -> web.Response:
        self._tokens.expire_all()
        await self._store.record.settled()
        return answer({})

    async def reset(self, _request: web.Request) -> web.Response:
        """Forget all orders and faults, and set behaviour and clock back."""
        self._faults.clear()
        self._behaviour.set_back(self._defaults, self._store.record)
        self._clock.offset_seconds = 0.0
        self._store.record.keep_setting("clock", "0.0")
        self._book.agenda.clear()
        self._courier.agenda.clear()
        await self._store.clear()
        return answer({})

    def _find(self, request: web.Request) -> Order:
        order = self._store.find_any(request.match_info["ref"])
        if order is None:
            raise web.HTTPNotFound(
                text=json.dumps({"error": "no such order"}), content_type="application/json"
            )
        return order

    async def _status(self, order: Order) -> web.Response:
        await self._store.durable(order)
        return answer({"order_id": order.order_id, "status": order.status})


@web.middleware
async def keep_control_local(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse the control API to anybody but this machine."""
    if request.path.startswith("/emulator/") and not _is_loopback(request.remote):
        return _refuse(403, "The control API is for this machine only.")
    response: web.StreamResponse = await handler(request)
    return response


def _is_loopback(remote: str | None) -> bool:
    try:
        return ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        return False


def _document(order: Order) -> dict[str, Any]:
    """Write everything about an order, with its money summed up, for a judge."""
    document = {name: value for name, value in vars(order).items() if name not in REDACTED}
    return document | {"refunded": order.refunded, "refund_pending": order.refund_pending}


def _refuse(http_status: int, error: str, **detail: Any) -> web.Response:
    return answer({"error": error, **detail}, http_status)
