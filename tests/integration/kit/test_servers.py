from collections.abc import Callable

import asyncpg
import nats
import nats.errors
import pytest
import redis.asyncio

from deploy.local.databases import ServiceDatabase
from tests.kit.databases import DatabaseFactory
from tests.kit.servers import SharedServers


async def migrate(database: ServiceDatabase) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("CREATE TABLE seat (name text); INSERT INTO seat VALUES ('A1')")
    await connection.execute("GRANT SELECT, INSERT ON seat TO booking")
    await connection.close()


async def test_each_database_is_a_fresh_copy_of_the_migrated_one(
    databases: DatabaseFactory,
) -> None:
    first = databases.create("booking", migrate)
    second = databases.create("booking", migrate)
    connection = await asyncpg.connect(first.app_url)
    await connection.execute("INSERT INTO seat VALUES ('A2')")
    await connection.close()

    connection = await asyncpg.connect(second.app_url)
    seats = await connection.fetchval("SELECT count(*) FROM seat")
    await connection.close()

    assert seats == 1


async def test_the_app_role_can_neither_create_tables_nor_enter_other_services(
    databases: DatabaseFactory,
) -> None:
    booking = databases.create("booking")
    wallet = databases.create("wallet")
    foreign = booking.app_url.rpartition("/")[0] + "/" + wallet.app_url.rpartition("/")[2]

    connection = await asyncpg.connect(booking.app_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE mine (i int)")
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(foreign)


async def test_a_dropped_database_takes_its_connections_along(servers: SharedServers) -> None:
    factory = DatabaseFactory(servers)
    database = factory.create("booking", migrate)
    connection = await asyncpg.connect(database.app_url)

    factory.drop_all()

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    await connection.close()


@pytest.mark.parametrize("time", ["first", "second"])
async def test_redis_is_empty_for_each_test(redis_url: str, time: str) -> None:
    async with redis.asyncio.from_url(redis_url) as client:
        keys = await client.keys("*")
        await client.set("left-over", time)

    assert keys == []


@pytest.mark.parametrize("time", ["first", "second"])
async def test_nats_has_no_streams_for_each_test(nats_url: Callable[[str], str], time: str) -> None:
    client = await nats.connect(nats_url("catalog"))
    jetstream = client.jetstream()
    streams = await jetstream.streams_info()
    await jetstream.add_stream(name="CINEMA_CATALOG", subjects=["cinema.catalog.v1.>"])
    await client.close()

    assert streams == []
