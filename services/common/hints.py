"""Hints that something changed, from whoever changed it to whoever watches it: best effort.

They go to this process' own listeners and through Redis to those of the others. Nothing depends on
them: who watches also looks by itself, only later.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.common.logging import get_logger

if TYPE_CHECKING:
    from redis.asyncio.client import PubSub

# What changes meanwhile goes along; the work that is hinted at is committed by then.
GATHER_MS = 20
MAX_KEYS_PER_HINT = 500
REDIS_TIMEOUT_MS = 100
# Redis is left alone for a while when it does not answer, or when nobody listens.
REDIS_PAUSE_MS = 1_000
LISTENERS_LOOK_MS = 1_000
_ID_BYTES = 16

Listener = Callable[[UUID], None]
# Whether somebody watches anything just now.
Wanted = Callable[[], bool]
_log = get_logger(__name__)


@dataclass(slots=True)
class Hints:
    """The hints of one process. `note` costs next to nothing and never waits.

    While nobody here watches, and nobody elsewhere listened lately, nothing is kept or told: a process
    is not woken for that.
    """

    channel: str
    redis: "Redis | None" = None
    _listeners: list[tuple[Listener, Wanted]] = field(default_factory=list)
    _sender: bytes = field(default_factory=lambda: uuid4().bytes)
    _noted: set[UUID] = field(default_factory=set)
    _telling: "asyncio.Task[None] | None" = None
    _publish_again_at: float = 0.0

    @classmethod
    def from_url(cls, url: str, channel: str) -> "Hints":
        """Make them for `redis://host:port/number`; an empty address means this process only."""
        if not url:
            return cls(channel)
        timeout_s = REDIS_TIMEOUT_MS / 1_000
        redis = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(channel, redis)

    def note(self, key: UUID) -> None:
        """Note that a thing changed; listeners hear of it in a moment."""
        if not (self._is_wanted_here() or self._may_publish()):
            return
        if len(self._noted) < MAX_KEYS_PER_HINT:
            self._noted.add(key)
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.create_task(self._tell(), context=Context())

    @asynccontextmanager
    async def listening(self, listener: Listener, wanted: Wanted) -> AsyncIterator[None]:
        """Hear what this process and others note while the context is open, when it is wanted."""
        self._listeners.append((listener, wanted))
        task = asyncio.create_task(self._listen(wanted), context=Context())
        try:
            yield
        finally:
            self._listeners.remove((listener, wanted))
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        if self._telling is not None:
            await self._telling
        if self.redis is not None:
            await self.redis.aclose()

    async def _tell(self) -> None:
        await asyncio.sleep(GATHER_MS / 1_000)
        noted, self._noted, self._telling = self._noted, set(), None
        for key in noted:
            self._heard(key)
        await self._publish(noted)

    def _heard(self, key: UUID) -> None:
        for listener, _ in self._listeners:
            listener(key)

    def _is_wanted_here(self) -> bool:
        return any(wanted() for _, wanted in self._listeners)

    def _may_publish(self) -> bool:
        return self.redis is not None and monotonic() >= self._publish_again_at

    async def _publish(self, keys: set[UUID]) -> None:
        if self.redis is None or not self._may_publish():
            return
        message = self._sender + b"".join(key.bytes for key in keys)
        listeners = 0
        with suppress(RedisError, OSError, TimeoutError):
            listeners = await self.redis.publish(self.channel, message)
        if not listeners:
            self._publish_again_at = monotonic() + REDIS_PAUSE_MS / 1_000

    async def _listen(self, wanted: Wanted) -> None:
        is_away = False
        while self.redis is not None:
            if not wanted():
                await asyncio.sleep(LISTENERS_LOOK_MS / 1_000)
                continue
            try:
                async with self.redis.pubsub() as pubsub:
                    await pubsub.subscribe(self.channel)
                    while wanted():
                        await self._hear(pubsub)
                is_away = False
            except (RedisError, OSError, TimeoutError) as error:
                if not is_away:
                    _log.warning("hints_not_heard", problem=type(error).__name__)
                is_away = True
                await asyncio.sleep(REDIS_PAUSE_MS / 1_000)

    async def _hear(self, pubsub: "PubSub") -> None:
        message: Any = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
        if message is None or message["data"][:_ID_BYTES] == self._sender:
            return
        data: bytes = message["data"]
        for start in range(_ID_BYTES, len(data) - _ID_BYTES + 1, _ID_BYTES):
            self._heard(UUID(bytes=data[start : start + _ID_BYTES]))
