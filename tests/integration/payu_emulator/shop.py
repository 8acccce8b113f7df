"""A shop for the tests: calls the emulator over HTTP and receives its notifications."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, web

max_wait_s = 30.0


@dataclass(frozen=True)
class Answer:
    http_status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def status(self) -> Any:
        return self.body["status"]


@dataclass(frozen=True)
class Notice:
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def status(self) -> str:
        part = self.body.get("order") or self.body["refund"]
        return str(part["status"])

    @property
    def order_id(self) -> str:
        body = self.body
        return str(body["order"]["orderId"] if "order" in body else body["orderId"])


class Shop:
    """`answers` are the HTTP statuses of the next notifications; then it is 200 for ever."""

    def __init__(self, session: ClientSession, pos: dict[str, Any]) -> None:
        self.session = session
        self.pos = pos
        self.base = ""
        self.notify_url = ""
        self.token = ""
        self.answers: list[int] = []
        self.notices: list[Notice] = []
        self._news = asyncio.Condition()

    async def receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        async with self._news:
            self.notices.append(Notice(raw, dict(request.headers)))
            self._news.notify_all()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def notified(self, count: int) -> list[Notice]:
        """Wait until at least `count` notifications have come."""
        return await self.notified_until(lambda: len(self.notices) >= count)

    async def notified_until(self, condition: Callable[[], bool]) -> list[Notice]:
        async with asyncio.timeout(max_wait_s), self._news:
            await self._news.wait_for(condition)
        return list(self.notices)

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        async with self.session.request(
            method, self.base + path, json=body, allow_redirects=False, **options
        ) as response:
            return Answer(response.status, dict(response.headers), await response.text())

    async def api(self, method: str, path: str, body: Any = None) -> Answer:
        """Call the provider's API with the shop's token, fetched once."""
        if not self.token:
            self.token = (await self.log_in()).body["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.call(method, f"/api/v2_1{path}", body, headers=headers)

    async def log_in(self, **changes: str) -> Answer:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.pos["client_id"],
            "client_secret": self.pos["client_secret"],
        }
        path = "/pl/standard/user/oauth/authorize"
        return await self.call("POST", path, None, data=form | changes)

    def new_order(self, **changes: Any) -> dict[str, Any]:
        body = {
            "customerIp": "127.0.0.1",
            "merchantPosId": self.pos["pos_id"],
            "description": "Two tickets",
            "currencyCode": self.pos["currency"],
            "totalAmount": "6000",
            "notifyUrl": self.notify_url,
            "continueUrl": "https://cinema.example/return?order=7",
            "products": [{"name": "Ticket", "unitPrice": "3000", "quantity": "2"}],
        } | changes
        return {name: value for name, value in body.items() if value is not None}

    async def create(self, **changes: Any) -> Answer:
        return await self.api("POST", "/orders", self.new_order(**changes))

    async def order(self, **changes: Any) -> str:
        """Open an order and return its orderId."""
        return str((await self.create(**changes)).body["orderId"])

    async def paid(self, **changes: Any) -> str:
        """Open an order and let its payer pay."""
        order_id = await self.order(**changes)
        await self.control("POST", f"/orders/{order_id}/pay")
        return order_id

    async def captured(self, **changes: Any) -> str:
        order_id = await self.paid(**changes)
        await self.api("POST", f"/orders/{order_id}/captures")
        return order_id

    async def control(self, method: str, path: str, body: Any = None) -> Answer:
        return await self.call(method, f"/emulator{path}", body)

    async def fault(self, kind: str, **spec: Any) -> None:
        answer = await self.control("POST", "/faults", {"kind": kind, **spec})
        assert answer.http_status == 200, answer.text

    async def judged(self, order_id: str) -> Any:
        """Read the emulator's own record of an order."""
        return (await self.control("GET", f"/orders/{order_id}")).body

    async def status_of(self, order_id: str) -> str:
        return str((await self.api("GET", f"/orders/{order_id}")).body["orders"][0]["status"])

    async def refund(self, order_id: str, **section: Any) -> Answer:
        body = {"refund": {"description": "Refund"} | section}
        return await self.api("POST", f"/orders/{order_id}/refunds", body)
