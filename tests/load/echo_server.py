"""The bare unary echo of grpc.aio on uvloop, what every path is compared with: no chassis at all.

python -m tests.load.echo_server HOST:PORT
"""

from __future__ import annotations

import asyncio
import sys

import grpc
import uvloop

ECHO_PATH = "/parterre.load.Echo/Unary"


class _Echo(grpc.GenericRpcHandler):
    def __init__(self) -> None:
        self._handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
            _answer
        )

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        return self._handler if handler_call_details.method == ECHO_PATH else None


async def _answer(request: bytes, _context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
    return request


async def serve(address: str) -> None:
    """Serve until the process is ended."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 1)])
    server.add_generic_rpc_handlers((_Echo(),))
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))
