"""Around every call: the correlation id, the error envelope, and the scripted faults."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Middleware

from deploy.payu_emulator.answers import PayuError, answer
from deploy.payu_emulator.faults import Fault, FaultScript
from deploy.payu_emulator.store import OrderStore

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML_FAULT = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"


@web.middleware
async def write_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into the provider's envelope and name every answer."""
    try:
        response = await handler(request)
    except PayuError as error:
        response = answer(error.body, error.http_status)
    if not response.prepared:
        response.headers["Correlation-Id"] = str(uuid4()).upper()
    return response


def misbehave(script: FaultScript, store: OrderStore) -> Middleware:
    """Make the middleware that applies call faults; it sits inside `write_errors`."""

    @web.middleware
    async def apply_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        operation = request.match_info.route.name
        if not script.strikes_calls or operation is None or operation.startswith("emulator"):
            return await handler(request)
        names, amount = await _order_named(request, store)
        if fault := script.take(
            "outage", "answer", "slow", on=operation, names=names, amount=amount
        ):
            if fault.kind == "outage":
                return _hang_up(request)
            await asyncio.sleep(fault.delay_ms / 1000)
            if fault.kind == "answer":
                return _scripted_answer(fault)
        response = await _handle(request, handler)
        if fault := script.take(
            "late_answer", "lost_answer", on=operation, names=names, amount=amount
        ):
            await asyncio.sleep(fault.delay_ms / 1000)
            if fault.kind == "lost_answer":
                return _hang_up(request)
        return response

    return apply_faults


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except PayuError as error:
        return answer(error.body, error.http_status)


Named = tuple[tuple[str | None, ...], int | None]


async def _order_named(request: web.Request, store: OrderStore) -> Named:
    """Find the names and the amount of the order that a call is about."""
    order_id = request.match_info.get("order_id")
    if order_id is not None:
        order = store.find(order_id)
        return (order_id, order.ext_order_id if order else None), order.total if order else None
    if request.content_type == "application/json":
        try:
            body: Any = json.loads(await request.read())
        except ValueError:
            return (), None
        if isinstance(body, dict):
            total = str(body.get("totalAmount", ""))
            return (body.get("extOrderId"),), int(total) if total.isdecimal() else None
    return (), None


def _scripted_answer(fault: Fault) -> web.Response:
    if fault.body == "html":
        return web.Response(text=HTML_FAULT, status=fault.http_status, content_type="text/html")
    if fault.body == "bare":
        return answer({"status": fault.http_status}, fault.http_status)
    code = {408: "TIMEOUT", 429: "TOO_MANY_REQUESTS", 500: "ERROR_INTERNAL"}.get(
        fault.http_status, "SERVICE_NOT_AVAILABLE"
    )
    status = {"statusCode": code, "severity": "ERROR", "statusDesc": "Scripted fault"}
    return answer({"status": status}, fault.http_status)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
