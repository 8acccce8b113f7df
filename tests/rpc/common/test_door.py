"""Who waits for a busy process, and behind whom."""

import asyncio
from typing import Any

import grpc

from services.common.rpc.door import own_door
from tests.rpc.common.echo import EchoRequest, EchoResponse, an_echo

CALLS_BEFORE = 50


async def test_what_finishes_work_does_not_wait_behind_what_came_before_it() -> None:
    async def answer(request: Any) -> Any:
        return EchoResponse(text=request.text)

    async with an_echo(answer) as echo:
        await echo.call("Unary", EchoRequest(text="connected"))
        calls = [echo.call("Unary", EchoRequest(text="begins")) for _ in range(CALLS_BEFORE)]
        calls.append(echo.call("Finishes", EchoRequest(text="finishes")))

        await asyncio.gather(*calls)
        order = [request.text for request in echo.servicer.seen]

    assert len(order) == CALLS_BEFORE + 2
    assert order.index("finishes") < CALLS_BEFORE / 2


async def test_a_server_is_knocked_at_by_a_call_of_its_own() -> None:
    server = grpc.aio.server()
    asked = 0

    class Health(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> Any:
            async def check(_request: bytes, _context: Any) -> bytes:
                nonlocal asked
                asked += 1
                return b""

            is_check = details.method == "/grpc.health.v1.Health/Check"
            return grpc.unary_unary_rpc_method_handler(check) if is_check else None

    server.add_generic_rpc_handlers((Health(),))
    async with own_door(server) as knock:
        await server.start()

        await knock()
        await server.stop(None)
        await knock()  # Nobody is there, and nothing breaks.

    assert asked == 1
