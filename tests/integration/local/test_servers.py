import socket
from pathlib import Path
from stat import S_IMODE

import asyncpg
import nats
import nats.errors
import nats.js.errors
import pytest
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from deploy.local.errors import PortTakenError
from deploy.local.part import RunningPart
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.process_tree import descendants, is_alive
from deploy.local.servers.nats import NatsServer
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.redis import RedisServer
from deploy.local.state_folder import StateFolder

type_of_server = pytest.mark.parametrize("server_type", [PostgresServer, RedisServer, NatsServer])
AnyServer = type[PostgresServer | RedisServer | NatsServer]


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.create()
    return folder


@pytest.fixture
def ports(state: StateFolder) -> Ports:
    return Ports(state.ports_file)


async def started(running: RunningPart) -> RunningPart:
    await running.start()
    await running.wait_ready()
    return running


async def test_postgres_keeps_its_rows_over_a_kill_and_a_stop(
    state: StateFolder, ports: Ports
) -> None:
    server = PostgresServer(state, ports)
    running = await started(RunningPart(server.part(), state.logs))
    connection = await asyncpg.connect(server.admin_url)
    await connection.execute("CREATE TABLE film (title text); INSERT INTO film VALUES ('Solaris')")
    backends = descendants(running.pid or 0)

    await running.kill()
    assert not any(is_alive(pid) for pid in backends)
    await started(running)
    await running.stop()
    again = await started(RunningPart(PostgresServer(state, ports).part(), state.logs))
    after = await asyncpg.connect(server.admin_url)
    titles = await after.fetch("SELECT title FROM film")
    await after.close()
    await again.stop()

    assert [row["title"] for row in titles] == ["Solaris"]
    connection.terminate()


async def test_postgres_is_durable_and_checks_its_pages(state: StateFolder, ports: Ports) -> None:
    server = PostgresServer(state, ports)
    running = await started(RunningPart(server.part(), state.logs))
    connection = await asyncpg.connect(server.admin_url)
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")

    settings = {name: await connection.fetchval(f"SHOW {name}") for name in names}
    await connection.close()
    await running.stop()

    assert settings == dict.fromkeys(names, "on")


@type_of_server
async def test_a_killed_server_starts_again_on_the_same_port(
    server_type: AnyServer, state: StateFolder, ports: Ports
) -> None:
    server = server_type(state, ports)
    running = await started(RunningPart(server.part(), state.logs))
    port = ports.of(server.name)

    await running.kill()
    ended = not running.running
    await started(running)
    remembered = Ports(state.ports_file).of(server.name)
    await running.stop()

    assert ended
    assert remembered == port


@type_of_server
async def test_a_taken_port_is_named_with_its_part(
    server_type: AnyServer, state: StateFolder, ports: Ports
) -> None:
    server = server_type(state, ports)
    port = ports.of(server.name)

    with socket.socket() as other:
        other.bind((LOOPBACK, port))
        other.listen()
        with pytest.raises(PortTakenError) as caught:
            await RunningPart(server.part(), state.logs).start()

    assert str(port) in str(caught.value)
    assert server.name in str(caught.value)


@type_of_server
async def test_what_a_server_writes_is_closed_to_others(
    server_type: AnyServer, state: StateFolder, ports: Ports
) -> None:
    running = await started(RunningPart(server_type(state, ports).part(), state.logs))

    modes = {path: S_IMODE(path.stat().st_mode) for path in state.root.iterdir()}
    secrets = [S_IMODE(path.stat().st_mode) for path in (state.root / "secrets").iterdir()]
    config = [S_IMODE(path.stat().st_mode) for path in state.root.glob("*/*.conf")]
    await running.stop()

    assert S_IMODE(state.root.stat().st_mode) == 0o700
    assert all(mode in (0o700, 0o600) for mode in modes.values()), modes
    assert secrets
    assert set(secrets) | set(config) == {0o600}


async def test_redis_wants_its_password(state: StateFolder, ports: Ports) -> None:
    running = await started(RunningPart(RedisServer(state, ports).part(), state.logs))

    async with redis.asyncio.Redis(
        host=LOOPBACK, port=ports.of("redis"), retry=Retry(NoBackoff(), 0)
    ) as stranger:
        with pytest.raises(redis.exceptions.AuthenticationError):
            await stranger.ping()

    await running.stop()


async def test_a_service_publishes_its_own_subjects_and_no_others(
    state: StateFolder, ports: Ports
) -> None:
    server = NatsServer(state, ports)
    running = await started(RunningPart(server.part(), state.logs))
    refusals: list[str] = []

    async def note(error: Exception) -> None:
        refusals.append(str(error).lower())

    admin = (await nats.connect(server.url("admin"))).jetstream()
    for service in ("BOOKING", "WALLET"):
        subject = f"cinema.{service.lower()}.v1.>"
        await admin.add_stream(name=f"CINEMA_{service}", subjects=[subject])
    booking = await nats.connect(server.url("booking"), error_cb=note)
    jetstream = booking.jetstream(timeout=0.5)

    own = await jetstream.publish("cinema.booking.v1.OrderConfirmed.1", b"")
    with pytest.raises((nats.errors.TimeoutError, nats.js.errors.NoStreamResponseError)):
        await jetstream.publish("cinema.wallet.v1.VoucherIssued.1", b"")
    with pytest.raises(nats.errors.TimeoutError):
        await jetstream.delete_stream("CINEMA_WALLET")
    await booking.close()
    await admin._nc.close()
    await running.stop()

    assert own.seq == 1
    assert any("permissions violation for publish" in text for text in refusals)


async def test_a_service_pulls_another_services_events_under_its_own_name(
    state: StateFolder, ports: Ports
) -> None:
    server = NatsServer(state, ports)
    running = await started(RunningPart(server.part(), state.logs))
    payment = await nats.connect(server.url("payment"))
    producer = payment.jetstream()
    await producer.add_stream(name="CINEMA_PAYMENT", subjects=["cinema.payment.v1.>"])
    await producer.publish("cinema.payment.v1.PaymentConfirmed.1", b"paid")
    booking = await nats.connect(server.url("booking"))
    consumer = await booking.jetstream().pull_subscribe(
        "cinema.payment.v1.>", durable="booking", stream="CINEMA_PAYMENT"
    )

    (message,) = await consumer.fetch(1)
    await message.ack_sync()
    pending = (await consumer.consumer_info()).num_ack_pending
    for client in (payment, booking):
        await client.close()
    await running.stop()

    assert message.data == b"paid"
    assert pending == 0
