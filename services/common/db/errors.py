"""Turns what the database driver raises into refusals that a client may read."""

import asyncpg
from sqlalchemy.connectors.asyncio import AsyncAdapt_Error
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.common.errors import ConcurrentChangeError, DependencyUnavailableError

DATABASE = "database"

_DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    AsyncAdapt_Error,
    DBAPIError,
    PoolTimeoutError,
    OSError,
)
_CONFLICT_STATES = frozenset({"40001", "40P01"})
_LOCK_NOT_AVAILABLE = "55P03"
# Connection exceptions, insufficient resources, operator intervention (shutdown, cancelled by a
# time limit), system errors, a primary that became read-only, a transaction left idle too long.
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58", "F0")
_UNAVAILABLE_STATES = frozenset({"25006", "25P03", "25P04"})


class TransactionConflictError(ConcurrentChangeError):
    """The database rolled the transaction back for a conflict: the whole of it may be repeated."""


def sqlstate_of(error: BaseException) -> str:
    """Read the five-character SQLSTATE of a driver error or of its SQLAlchemy wrapper, or ``""``."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(origin, "sqlstate", None) or "")


def translated(error: BaseException) -> Exception | None:
    """Make the refusal for a driver error; None when the error says nothing of the database."""
    state = sqlstate_of(error)
    if state in _CONFLICT_STATES:
        return TransactionConflictError()
    if state == _LOCK_NOT_AVAILABLE:
        return ConcurrentChangeError()
    if state.startswith(_UNAVAILABLE_CLASSES) or state in _UNAVAILABLE_STATES:
        return DependencyUnavailableError(DATABASE)
    if state:
        return None
    if _is_connection_trouble(error):
        return DependencyUnavailableError(DATABASE)
    return None


def _is_connection_trouble(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error.__cause__, OSError)
    if isinstance(error, AsyncAdapt_Error):
        # What connecting raises, not yet wrapped by SQLAlchemy.
        return error.__cause__ is not None and _is_connection_trouble(error.__cause__)
    if isinstance(error, asyncpg.InterfaceError):
        # Raised by the driver itself, without a state, when the socket is gone or going.
        return "closed" in str(error) or "closing" in str(error)
    return isinstance(error, OSError | PoolTimeoutError | asyncpg.InternalClientError)


class database_errors:  # noqa: N801 - it is used as a function: `with database_errors():`.
    """Raise refusals instead of driver errors; constraint violations and bugs pass unchanged."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _DRIVER_ERRORS) and (refusal := translated(error)) is not None:
            raise refusal from error
