"""The provider's REST API v2.1, as shops call it."""

from urllib.parse import urlencode

from aiohttp import web

from deploy.payu_emulator.answers import SUCCESS, PayuError, answer, invalid, not_found, read_json
from deploy.payu_emulator.documents import order_document, properties, refund_document
from deploy.payu_emulator.new_order import check_new_order, max_amount_digits
from deploy.payu_emulator.oauth import Tokens
from deploy.payu_emulator.order import Order, Status
from deploy.payu_emulator.orders import OrderBook
from deploy.payu_emulator.refunds import Refunds
from deploy.payu_emulator.store import OrderStore


class ShopApi:
    """One handler per call. What is answered is durable before the answer leaves."""

    def __init__(
        self, store: OrderStore, book: OrderBook, refunds: Refunds, tokens: Tokens
    ) -> None:
        self._store = store
        self._book = book
        self._refunds = refunds
        self._tokens = tokens
        self.public_url = ""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        orders = "/api/v2_1/orders"
        order = orders + "/{order_id}"
        router.add_post("/pl/standard/user/oauth/authorize", self._tokens.authorize, name="token")
        router.add_post(orders, self.create, name="create")
        router.add_get(order, self.read, name="read")
        router.add_delete(order, self.cancel, name="cancel")
        router.add_get(order + "/transactions", self.transactions, name="transactions")
        router.add_post(order + "/captures", self.capture, name="capture")
        router.add_put(order + "/status", self.put_status, name="put_status")
        router.add_post(order + "/refunds", self.refund, name="refund")
        router.add_get(order + "/refunds", self.read_refunds, name="read_refunds")
        router.add_get(order + "/refunds/{refund_id}", self.read_refund, name="read_refund")

    async def create(self, request: web.Request) -> web.Response:
        caller = self._tokens.caller(request)
        body = await read_json(request)
        check_new_order(body, caller)
        ext_order_id = body.get("extOrderId")
        if ext_order_id and (existing := self._store.find_ext(caller.pos_id, ext_order_id)):
            await self._store.durable(existing)
            raise PayuError(
                400,
                "ERROR_ORDER_NOT_UNIQUE",
                "Order with given extOrderId already exists",
                code="110",
                literal="ORDER_NOT_UNIQUE",
                orderId=existing.order_id,
                extOrderId=ext_order_id,
            )
        order = self._book.open(body)
        await self._store.durable(order)
        page = f"{self.public_url}/pay/?" + urlencode(
            {"orderId": order.order_id, "token": order.page_token}
        )
        created = {
            "status": {"statusCode": "SUCCESS"},
            "redirectUri": page,
            **_names(order),
        }
        return answer(created, 302, {"Location": page})

    async def read(self, request: web.Request) -> web.Response:
        order = await self._order(request)
        body = {"orders": [order_document(order, order.status)], "status": SUCCESS}
        return answer(body | {"properties": properties(order)})

    async def transactions(self, request: web.Request) -> web.Response:
        order = await self._order(request)
        if not order.transactions:
            raise not_found()
        return answer(
            {
                "transactions": [
                    {
                        "payMethod": {"value": "c"},
                        "paymentFlow": "CARD",
                        "card": {
                            "cardData": {
                                "cardNumberMasked": each["card_number_masked"],
                                "cardScheme": "VS",
                                "cardResponseCode": each["card_response_code"],
                            }
                        },
                        **({"resultCode": each["result_code"]} if each["result_code"] else {}),
                    }
                    for each in order.transactions
                ]
            }
        )

    async def cancel(self, request: web.Request) -> web.Response:
        order = await self._order(request)
        self._book.cancel(order)
        await self._store.durable(order)
        return answer({**_names(order), "status": SUCCESS})

    async def capture(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        order = await self._order(request)
        amount = body.get("amount")
        if amount is not None and not _is_amount(amount):
            raise invalid("amount", "a string of digits is expected")
        if body.get("currencyCode", order.currency) != order.currency:
            raise PayuError(400, "ERROR_INCONSISTENT_CURRENCIES", "Not the order's currency")
        return await self._captured(order, None if amount is None else int(amount))

    async def put_status(self, request: web.Request) -> web.Response:
        """Capture the whole, by the deprecated call."""
        body = await read_json(request)
        order = await self._order(request)
        if body.get("orderStatus") != Status.COMPLETED:
            raise invalid("orderStatus", "COMPLETED is expected")
        return await self._captured(order, None)

    async def refund(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        order = await self._order(request)
        refund = self._refunds.request(order, body)
        await self._store.durable(order)
        status = {"statusCode": "SUCCESS", "statusDesc": "Refund queued for processing"}
        return answer({**_names(order), "refund": refund_document(order, refund), "status": status})

    async def read_refunds(self, request: web.Request) -> web.Response:
        order = await self._order(request)
        # The provider's own oddity: no refunds is `false`, not an empty list.
        return answer(
            {"refunds": [refund_document(order, each) for each in order.refunds] or False}
        )

    async def read_refund(self, request: web.Request) -> web.Response:
        order = await self._order(request)
        refund_id = request.match_info["refund_id"]
        for refund in order.refunds:
            if refund["refund_id"] == refund_id:
                return answer(refund_document(order, refund))
        raise PayuError(
            404,
            "DATA_NOT_FOUND",
            f"Could not find refund [refundId={refund_id}]",
            severity="INFO",
        )

    async def _captured(self, order: Order, amount: int | None) -> web.Response:
        self._book.capture(order, amount)
        await self._store.durable(order)
        status = {"statusCode": "SUCCESS", "statusDesc": "Status was updated"}
        return answer({"status": status})

    async def _order(self, request: web.Request) -> Order:
        """Find the caller's order once it is durable; another shop's does not exist."""
        caller = self._tokens.caller(request)
        order_id = request.match_info["order_id"]
        await self._store.record.durable(order_id)
        order = self._store.find(order_id)
        if order is None or order.pos_id != caller.pos_id:
            raise not_found()
        return order


def _names(order: Order) -> dict[str, str]:
    if order.ext_order_id is None:
        return {"orderId": order.order_id}
    return {"orderId": order.order_id, "extOrderId": order.ext_order_id}


def _is_amount(value: object) -> bool:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= max_amount_digits
    )
