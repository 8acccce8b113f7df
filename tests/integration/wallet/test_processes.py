"""The three commands of the service, as processes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.kit.databases import DatabaseFactory
from tests.kit.wallet_server import write_keys

PROJECT = Path(__file__).parents[3]
START_TIMEOUT_S = 30.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def start(command: str, settings: dict[str, str]) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTERRE_")}
    prefixed = {f"PARTERRE_WALLET_{name}": value for name, value in settings.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.wallet",
        command,
        cwd=PROJECT,
        env=kept | prefixed,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def stopped(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    output, _ = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    return process.returncode, output.decode()


async def test_wallet_migrates_serves_works_and_stops(
    databases: DatabaseFactory, redis_url: str, nats_url: Callable[[str], str], tmp_path: Path
):
    database, port = databases.create("wallet"), free_port()
    keys = write_keys(tmp_path)
    settings = {
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.owner_url,
        "REDIS_URL": redis_url,
        "NATS_URL": nats_url("wallet"),
        "LISTEN": f"127.0.0.1:{port}",
        "BOOKING_ADDRESS": f"127.0.0.1:{free_port()}",
        "CODE_KEYS_FILE": str(keys["code_keys_file"]),
        "SERVICE_KEY_FILE": str(keys["service_key_file"]),
        "DRAIN_GRACE_MS": "500",
    }
    for _ in range(2):
        migration = await start("migrate", settings)
        output, _ = await asyncio.wait_for(migration.communicate(), START_TIMEOUT_S)
        assert migration.returncode == 0, output.decode()

    rpc = await start("rpc", settings)
    worker = await start("worker", settings)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="cinema.wallet.v1.TenderService")
        async with asyncio.timeout(START_TIMEOUT_S):
            async for answer in stub.Watch(request, wait_for_ready=True):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    break
    assert worker.stdout is not None
    async with asyncio.timeout(START_TIMEOUT_S):
        while b"worker_started" not in (line := await worker.stdout.readline()):
            assert line, "the worker ended"
    (rpc_code, rpc_output), (worker_code, _) = await asyncio.gather(stopped(rpc), stopped(worker))

    assert (rpc_code, worker_code) == (0, 0), rpc_output
    assert "rpc_server_stopped" in rpc_output


async def test_a_missing_key_file_is_named(tmp_path: Path):
    process = await start("rpc", {"CODE_KEYS_FILE": str(tmp_path / "nothing.json")})

    output, _ = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)

    assert process.returncode == 1
    assert "PARTERRE_WALLET_CODE_KEYS_FILE" in output.decode().splitlines()[-1]
