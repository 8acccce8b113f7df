"""Fresh databases for tests, cheaply: each service migrates once per run, then copies are made."""

import asyncio
import hashlib
import inspect
import itertools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg

from deploy.local.databases import (
    Roles,
    ServiceDatabase,
    copy_database,
    create_database,
    create_roles,
    drop_database,
    roles_of,
    service_database,
)
from tests.kit.servers import SharedServers

# Brings an empty database to head, given its addresses; sync or async.
Migrate = Callable[[ServiceDatabase], Awaitable[None] | None]

_T = TypeVar("_T")
_numbers = itertools.count(1)
# What this process knows to be there: the server's address and the template's name.
_prepared: set[tuple[str, str]] = set()


class DatabaseFactory:
    """Makes databases and drops them all at the end.

    Its methods block, and work inside a running event loop as well as outside.
    """

    def __init__(self, servers: SharedServers) -> None:
        self._servers = servers
        self._names: list[str] = []

    def create(self, service: str, migrate: Migrate | None = None) -> ServiceDatabase:
        """Make a fresh database of a service, migrated when `migrate` is given.

        It has the service's two roles with their real rights. `migrate` runs once per test run.
        """
        return _in_thread(lambda: self._create(service, migrate))

    def drop_all(self) -> None:
        """Drop what this factory made, together with open connections."""
        _in_thread(lambda: asyncio.run(self._drop_all()))

    def _create(self, service: str, migrate: Migrate | None) -> ServiceDatabase:
        admin_url = self._servers.admin_url
        roles = roles_of(self._servers.servers.state, service)
        name = f"{service}_w{self._servers.worker}_{next(_numbers)}"
        self._names.append(name)
        return asyncio.run(_made(admin_url, roles, name, migrate))

    async def _drop_all(self) -> None:
        while self._names:
            await drop_database(self._servers.admin_url, self._names.pop())


async def _made(
    admin_url: str, roles: Roles, name: str, migrate: Migrate | None
) -> ServiceDatabase:
    key = _template_name(roles.service, migrate)
    if (admin_url, key) not in _prepared:
        await _prepare(admin_url, roles, key, migrate)
        _prepared.add((admin_url, key))
    if migrate is None:
        return await create_database(admin_url, roles, name=name)
    return await copy_database(admin_url, roles, name=name, template=key)


async def _prepare(admin_url: str, roles: Roles, key: str, migrate: Migrate | None) -> None:
    """Make the roles and the template that are missing."""
    admin = await asyncpg.connect(admin_url)
    try:
        # One worker at a time: the others find the work done.
        await admin.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", roles.service)
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", roles.app):
            await create_roles(admin_url, roles)
        query = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate"
        if migrate is not None and not await admin.fetchval(query, key):
            await _make_template(admin, admin_url, roles, key, migrate)
    finally:
        await admin.close()


async def _make_template(
    admin: Any, admin_url: str, roles: Roles, name: str, migrate: Migrate
) -> None:
    await drop_database(admin_url, name)
    await create_database(admin_url, roles, name=name)
    database = service_database(admin_url, roles, name=name)
    # In a thread: a migration runner may well start an event loop of its own.
    result = await asyncio.to_thread(migrate, database)
    if inspect.isawaitable(result):
        await result
    await admin.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')


def _template_name(service: str, migrate: Migrate | None) -> str:
    path = f"{getattr(migrate, '__module__', '')}.{getattr(migrate, '__qualname__', repr(migrate))}"
    return f"template_{service}_{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def _in_thread(work: Callable[[], _T]) -> _T:
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(work).result()
