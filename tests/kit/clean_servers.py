"""Empties what a worker keeps between tests: its Redis database and its NATS streams."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import nats
import redis

CONNECT_TIMEOUT_SECONDS = 5


def flush_redis(url: str) -> None:
    """Remove every key of one Redis database."""
    with redis.Redis.from_url(url, socket_timeout=CONNECT_TIMEOUT_SECONDS) as client:
        client.flushdb()


def delete_streams(admin_url: str) -> None:
    """Delete all JetStream streams of the account; works inside a running event loop too."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, _delete_streams(admin_url)).result()


async def _delete_streams(admin_url: str) -> None:
    client = await nats.connect(admin_url, connect_timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        jetstream = client.jetstream()
        for stream in await jetstream.streams_info():
            await jetstream.delete_stream(str(stream.config.name))
    finally:
        await client.close()
