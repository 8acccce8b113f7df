import asyncpg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.common.db.errors import TransactionConflictError, translated
from services.common.errors import ConcurrentChangeError, DependencyUnavailableError


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.AdminShutdownError(),
        asyncpg.CrashShutdownError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.DiskFullError(),
        asyncpg.QueryCanceledError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.InterfaceError("connection is closed"),
        PoolTimeoutError(),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
def test_a_database_that_does_not_answer_is_unavailable(error):
    assert isinstance(translated(error), DependencyUnavailableError)


@pytest.mark.parametrize("error", [asyncpg.SerializationError(), asyncpg.DeadlockDetectedError()])
def test_a_conflict_may_be_repeated(error):
    assert isinstance(translated(error), TransactionConflictError)


def test_a_lock_that_is_not_given_in_time_is_a_concurrent_change_and_not_repeated():
    refusal = translated(asyncpg.LockNotAvailableError())

    assert type(refusal) is ConcurrentChangeError


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError(),
        asyncpg.CheckViolationError(),
        asyncpg.UndefinedTableError(),
        asyncpg.InterfaceError("the server expects 1 argument"),
        ValueError(),
    ],
)
def test_constraints_and_bugs_pass_unchanged(error):
    assert translated(error) is None
