"""What the chassis costs per call, against the bare grpc.aio echo, interleaved in one run.

    python -m tests.load.chassis_overhead [rounds] [calls]

Each side runs in a process of its own with uvloop; the server's CPU time per call is what counts
(the client's is the same for both). The machine drifts, so look at the ratio.
"""

import asyncio
import json
import multiprocessing as mp
import os
import resource
import statistics
import sys
from functools import partial
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

import grpc
import uvloop

from services.common.rpc.registrar import HandlerTable, collect
from services.common.rpc.server import RpcApplication, RpcServer
from tests.rpc.common.echo import (
    SERVICE,
    EchoRequest,
    EchoResponse,
    EchoServicer,
    EchoSettings,
    EchoStub,
    add_to_server,
    as_guest,
    issuers,
)

IN_FLIGHT = 64
REQUEST = EchoRequest(
    text="hello",
    request_id=str(UUID(int=0x019AA84E_3C5F_7B21_9D4E_8F6A1C2B5D7E)),
    items=["F12", "F13"],
)


class QuietEcho(EchoServicer):
    """Keeps nothing, so that the measurement does not grow."""

    async def one(self, request: Any, _context: Any) -> Any:
        return EchoResponse(text=request.text)


async def _serve(pipe: Connection, *, bare: bool) -> None:
    if bare:
        server = grpc.aio.server()
        handlers = collect([partial(add_to_server, QuietEcho())])[SERVICE]
        table = {f"/{SERVICE}/{name}": handler for name, handler in handlers.items()}
        server.add_generic_rpc_handlers((HandlerTable(table),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
    else:
        chassis = RpcServer(
            EchoSettings(max_in_flight_calls=256),
            RpcApplication([partial(add_to_server, QuietEcho())]),
            issuers=issuers(),
        )
        await chassis.start()
        port = chassis.port
    # Each process has its own keys, so the token comes from the server's.
    pipe.send((port, as_guest()))
    loop = asyncio.get_running_loop()
    while (await loop.run_in_executor(None, pipe.recv)) == "cpu":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        pipe.send(usage.ru_utime + usage.ru_stime)


def _server_process(pipe: Connection, *, bare: bool) -> None:
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - log lines are made, not kept
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(pipe, bare=bare))


class Side:
    """One server process and a channel to it."""

    def __init__(self, *, bare: bool) -> None:
        context = mp.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=_server_process, args=(theirs,), kwargs={"bare": bare}, daemon=True
        )
        self.process.start()
        self.port, token = self.pipe.recv()
        self.metadata = (*token, ("x-request-id", "r-1"))
        self.cpu_us: list[float] = []
        self.per_second: list[float] = []

    def open(self) -> None:
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{self.port}")
        self.call = EchoStub(self.channel).Unary

    async def round(self, calls: int) -> None:
        loop = asyncio.get_running_loop()
        self.pipe.send("cpu")
        before, started = self.pipe.recv(), loop.time()

        async def worker() -> None:
            for _ in range(calls // IN_FLIGHT):
                await self.call(REQUEST, metadata=self.metadata, timeout=10)

        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
        elapsed = loop.time() - started
        self.pipe.send("cpu")
        self.cpu_us.append((self.pipe.recv() - before) / calls * 1e6)
        self.per_second.append(calls / elapsed)


async def _measure(rounds: int, calls: int) -> dict[str, float]:
    bare, chassis = Side(bare=True), Side(bare=False)
    for side in (bare, chassis):
        side.open()
        await side.round(calls // 4)
        side.cpu_us.clear()
        side.per_second.clear()
    for _ in range(rounds):
        await bare.round(calls)
        await chassis.round(calls)
    for side in (bare, chassis):
        await side.channel.close()
        side.pipe.send("stop")
        side.process.terminate()
    bare_us, chassis_us = statistics.median(bare.cpu_us), statistics.median(chassis.cpu_us)
    return {
        "bare_cpu_us_per_call": round(bare_us, 1),
        "chassis_cpu_us_per_call": round(chassis_us, 1),
        "overhead_us_per_call": round(chassis_us - bare_us, 1),
        "cpu_ratio": round(chassis_us / bare_us, 3),
        "bare_calls_per_s": round(statistics.median(bare.per_second)),
        "chassis_calls_per_s": round(statistics.median(chassis.per_second)),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 6_400
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(_measure(rounds, calls))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
