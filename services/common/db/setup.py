"""Builds the database parts of a process from its settings."""

from pathlib import Path

from sqlalchemy.engine import make_url

from services.common.config import ServiceSettings
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from services.common.db.migrations import MigrationPlan
from services.common.db.outbox import Trace
from services.common.db.transaction import AfterCommit, Note, unheard
from services.common.rpc.call import current_call_or_none


def open_database(
    settings: ServiceSettings,
    *,
    role: str,
    wake_relay: AfterCommit | None = None,
    note: Note = unheard,
) -> Database:
    """Make the process's database; connects when first used. `role` names the process: rpc, ..."""
    engine = create_engine(
        settings.database_url.get_secret_value(),
        application_name=f"{settings.service_name}-{role}",
        limits=EngineLimits(
            pool_size=settings.database_pool_size,
            pool_timeout_ms=settings.database_pool_timeout_ms,
            statement_timeout_ms=settings.statement_timeout_ms,
            lock_timeout_ms=settings.lock_timeout_ms,
            idle_in_transaction_timeout_ms=settings.idle_in_transaction_timeout_ms,
        ),
    )
    return Database(engine, trace_of_call, wake_relay, settings.max_transaction_attempts, note)


def migration_plan(
    settings: ServiceSettings, folder: Path, *, append_only: tuple[str, ...] = ()
) -> MigrationPlan:
    """Plan the migration of a service whose env.py and versions/ are in `folder`."""
    return MigrationPlan(
        owner_url=settings.migration_database_url.get_secret_value(),
        application_role=str(make_url(settings.database_url.get_secret_value()).username),
        folder=folder,
        append_only=append_only,
        test_clock=settings.test_clock,
    )


def trace_of_call() -> Trace:
    """Tell which call is being served, or nothing in a worker."""
    call = current_call_or_none()
    return Trace() if call is None else Trace(call.request_id, call.traceparent)
