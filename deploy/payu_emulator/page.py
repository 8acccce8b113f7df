"""The hosted page: the payer pays, is declined or leaves, in a browser or by a plain form POST."""

import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.order import UNPAID, Order
from deploy.payu_emulator.orders import TEST_CARD, NotPayableError, OrderBook
from deploy.payu_emulator.page_html import render_closed, render_form, render_message
from deploy.payu_emulator.store import OrderStore

NOT_AUTHORIZED = "501"
min_card_digits = 13
max_card_digits = 19
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class HostedPage:
    """Serves /pay/. The token in the address is what lets a payer in."""

    def __init__(self, store: OrderStore, book: OrderBook, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._clock = clock

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/pay/", self.show, name="show_page")
        router.add_post("/pay/", self.submit, name="page")

    async def show(self, request: web.Request) -> web.Response:
        order = self._find(request.query.get("orderId"), request.query.get("token"))
        if order is None:
            return _unknown()
        if not self._is_payable(order):
            return _html(render_closed(order, _return_address(order)), 409)
        return _html(render_form(order, self._clock.now()))

    async def submit(self, request: web.Request) -> web.Response:
        """Take the form: `action` is pay, decline or leave; card fields count only when paying."""
        form = await request.post()
        order = self._find(form.get("orderId"), form.get("token"))
        if order is None:
            return _unknown()
        card = "".join(str(form.get("card_number", TEST_CARD)).split())
        try:
            match form.get("action"):
                case "pay":
                    return await self._pay(order, card)
                case "decline":
                    self._book.decline(order)
                case "leave":
                    self._book.leave(order)
                case _:
                    return _html(render_message("Nothing was chosen", "Please go back."), 400)
        except NotPayableError:
            return _html(render_closed(order, _return_address(order)), 409)
        return await self._go_back(order)

    async def _pay(self, order: Order, card: str) -> web.Response:
        if not (card.isascii() and card.isdigit() and min_card_digits <= len(card)) or (
            len(card) > max_card_digits
        ):
            problem = "The card number is not complete. Please check it."
            return _html(render_form(order, self._clock.now(), problem), 422)
        if card == TEST_CARD:
            self._book.pay(order)
            return await self._go_back(order)
        self._book.decline(order, card, final=False)
        await self._store.durable(order)
        problem = "The bank declined this card. Try another card, or leave the page."
        return _html(render_form(order, self._clock.now(), problem), 402)

    async def _go_back(self, order: Order) -> web.Response:
        await self._store.durable(order)
        address = _return_address(order)
        if address is None:
            return _html(render_closed(order, None))
        return web.Response(status=303, headers={"Location": address})

    def _is_payable(self, order: Order) -> bool:
        return order.status in UNPAID and order.expires_at > self._clock.now()

    def _find(self, order_id: object, token: object) -> Order | None:
        order = self._store.find(order_id) if isinstance(order_id, str) else None
        if order is None or not isinstance(token, str):
            return None
        right = hmac.compare_digest(token.encode(), order.page_token.encode())
        return order if right else None


def _return_address(order: Order) -> str | None:
    """Where the payer goes back to: with error=501 when nothing was authorised."""
    address: str | None = order.request.get("continueUrl")
    if not address or order.authorized:
        return address or None
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("error", NOT_AUTHORIZED)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _unknown() -> web.Response:
    text = "The address is wrong or incomplete. Go back to the shop and start again."
    return _html(render_message("This payment does not exist", text), 404)


def _html(text: str, http_status: int = 200) -> web.Response:
    return web.Response(text=text, status=http_status, content_type="text/html", headers=HEADERS)
