"""A whole RPC process: it starts, answers, and ends cleanly on SIGTERM."""

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import grpc
import pytest

from tests.rpc.common.echo import EchoRequest, EchoStub

PROGRAM = """
from functools import partial
from services.common.rpc.process import run_rpc_process
from services.common.rpc.server import RpcApplication
from tests.rpc.common.echo import EchoServicer, EchoSettings, add_to_server

async def build(settings, stack):
    stack.callback(print, "closed", flush=True)
    return RpcApplication([partial(add_to_server, EchoServicer())])

run_rpc_process(EchoSettings.load(), build)
"""


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
async def test_a_process_serves_until_sigterm_and_closes_what_it_opened(loop: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {"PARTERRE_ECHO_LISTEN": address, "PARTERRE_ECHO_LOOP": loop}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        env=environment,
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    async with grpc.aio.insecure_channel(address) as channel:
        call = EchoStub(channel).Unary
        answer = await call(EchoRequest(text="up"), wait_for_ready=True, timeout=30)
    process.send_signal(signal.SIGTERM)
    written, _ = await asyncio.wait_for(process.communicate(), timeout=30)

    lines = written.decode().splitlines()
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert answer.text == "up"
    assert process.returncode == 0
    assert events[0] == "rpc_server_started"
    assert {"readiness_reached", "call_finished"} <= set(events)
    assert "closed" in lines
