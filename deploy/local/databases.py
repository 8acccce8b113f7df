"""One database and two roles per service: the owner migrates, the app works."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.state_folder import StateFolder

CONNECT_TIMEOUT_SECONDS = 10.0
# Backstops: the services set tighter ones themselves.
STATEMENT_TIMEOUT_MS = 60_000
LOCK_TIMEOUT_MS = 15_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000


@dataclass(frozen=True)
class ServiceDatabase:
    """The addresses of one service's database, passwords included."""

    service: str
    app_url: str
    owner_url: str
    admin_url: str


@dataclass(frozen=True)
class Roles:
    """A service's two roles and their passwords."""

    service: str
    app_password: str
    owner_password: str

    @property
    def app(self) -> str:
        return self.service

    @property
    def owner(self) -> str:
        return f"{self.service}_owner"


def roles_of(state: StateFolder, service: str) -> Roles:
    """Return the roles, their passwords kept in the state folder."""
    return Roles(
        service,
        app_password=state.password(f"postgres-{service}"),
        owner_password=state.password(f"postgres-{service}-owner"),
    )


async def create_roles(admin_url: str, roles: Roles) -> None:
    """Make the two roles or give them their passwords again; idempotent."""
    connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        for name, password in (
            (roles.owner, roles.owner_password),
            (roles.app, roles.app_password),
        ):
            known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
            verb = "ALTER" if known else "CREATE"
            await _execute(connection, f"{verb} ROLE %I LOGIN PASSWORD %L", name, password)
            await _execute(connection, "ALTER ROLE %I SET search_path = public", name)
        for setting, limit in (
            ("statement_timeout", STATEMENT_TIMEOUT_MS),
            ("lock_timeout", LOCK_TIMEOUT_MS),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT_MS),
        ):
            await _execute(connection, f"ALTER ROLE %I SET {setting} = {limit}", roles.app)
    finally:
        await connection.close()


async def create_database(
    admin_url: str, roles: Roles, *, name: str | None = None
) -> ServiceDatabase:
    """Make the service's database if it is missing and close it to everybody else; idempotent.

    The roles must exist. `name` is the service's own when not given.
    """
    database = name or roles.service
    connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        query = "SELECT 1 FROM pg_database WHERE datname = $1"
        if not await connection.fetchval(query, database):
            create = "CREATE DATABASE %I OWNER %I TEMPLATE template0"
            await _execute(connection, create, database, roles.owner)
        await _close_database(connection, roles, database)
    finally:
        await connection.close()
    await _close_schema(_with_database(admin_url, database), roles)
    return service_database(admin_url, roles, name=database)


async def copy_database(
    admin_url: str, roles: Roles, *, name: str, template: str
) -> ServiceDatabase:
    """Make a database like one that `create_database` made, schema and rows included.

    Copies files, which is the cheaper way on a server that does not wait for its disk.
    """
    connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        create = "CREATE DATABASE %I OWNER %I TEMPLATE %I STRATEGY file_copy"
        await _execute(connection, create, name, roles.owner, template)
        await _close_database(connection, roles, name)
    finally:
        await connection.close()
    return service_database(admin_url, roles, name=name)


async def drop_database(admin_url: str, name: str) -> None:
    """Remove a database together with its connections; a missing one is fine."""
    connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        await _execute(connection, "DROP DATABASE IF EXISTS %I WITH (FORCE)", name)
    finally:
        await connection.close()


def service_database(admin_url: str, roles: Roles, *, name: str | None = None) -> ServiceDatabase:
    """Return the addresses of a service's database on the admin's server."""
    database = name or roles.service
    return ServiceDatabase(
        service=roles.service,
        app_url=_with_database(admin_url, database, roles.app, roles.app_password),
        owner_url=_with_database(admin_url, database, roles.owner, roles.owner_password),
        admin_url=_with_database(admin_url, database),
    )


async def _close_database(connection: Any, roles: Roles, database: str) -> None:
    await _execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
    await _execute(connection, "GRANT CONNECT ON DATABASE %I TO %I", database, roles.app)


async def _close_schema(admin_url: str, roles: Roles) -> None:
    connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await _execute(connection, "ALTER SCHEMA public OWNER TO %I", roles.owner)
        await _execute(connection, "GRANT USAGE ON SCHEMA public TO %I", roles.app)
    finally:
        await connection.close()


async def _execute(connection: Any, statement: str, *names: str) -> None:
    """Run a statement that takes no parameters; the server quotes the names and literals."""
    places = "".join(f", ${number}::text" for number in range(2, len(names) + 2))
    await connection.execute(
        await connection.fetchval(f"SELECT format($1{places})", statement, *names)
    )


def _with_database(
    url: str, database: str, user: str | None = None, password: str | None = None
) -> str:
    parts = urlsplit(url)
    location = parts.netloc
    if user is not None:
        host = location.rpartition("@")[2]
        location = f"{quote(user)}:{quote(password or '', safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=location, path=f"/{database}"))
