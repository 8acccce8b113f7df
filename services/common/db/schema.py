"""The tables of the chassis, which every service's first migration makes in its own database."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Protocol

# Only read and added to, by the application's role.
APPEND_ONLY_TABLES = ("audit",)

_TABLES = (
    "request",
    "outbox",
    "relay_state",
    "inbox",
    "parked_event",
    "dead_event",
    "feed_position",
    "lease",
    "audit",
    "audit_head",
)


class Operations(Protocol):
    """What a migration gives: alembic's `op`."""

    def execute(self, sqltext: str) -> None: ...


def statements_of(file_name: str) -> Iterator[str]:
    """Read one of this package's SQL files, one statement at a time."""
    text = files("services.common.db").joinpath(file_name).read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            yield statement.strip().removesuffix(";")


def create_chassis_tables(op: Operations, *, mail: bool = False) -> None:
    """Make `app_clock()` and the chassis's tables; `mail` adds the queue of e-mails.

    The function keeps real time here; `migrate` gives it an offset when the test clock is on.
    """
    for file_name in ("clock.sql", "tables.sql", *(["mail.sql"] if mail else [])):
        for statement in statements_of(file_name):
            op.execute(statement)


def create_mail_table(op: Operations) -> None:
    """Add the queue of e-mails to a database that had none."""
    for statement in statements_of("mail.sql"):
        op.execute(statement)


def create_bus_purge_table(op: Operations) -> None:
    """Add what is to be purged from the bus, in a service whose events name persons."""
    for statement in statements_of("bus_purge.sql"):
        op.execute(statement)


def drop_bus_purge_table(op: Operations) -> None:
    """Undo `create_bus_purge_table`."""
    op.execute("DROP TABLE bus_purge")


def create_mail_trouble_index(op: Operations) -> None:
    """Let the e-mails that could not be sent be found, whatever else there is."""
    op.execute(
        "CREATE INDEX mail_in_trouble ON mail (create_time, id)"
        " WHERE send_time IS NULL AND last_problem <> ''"
    )


def drop_mail_trouble_index(op: Operations) -> None:
    """Undo `create_mail_trouble_index`."""
    op.execute("DROP INDEX mail_in_trouble")


def drop_mail_table(op: Operations) -> None:
    """Undo `create_mail_table`."""
    op.execute("DROP TABLE mail")


def drop_chassis_tables(op: Operations) -> None:
    """Undo `create_chassis_tables`."""
    op.execute(f"DROP TABLE IF EXISTS mail, {', '.join(_TABLES)}")
    op.execute("DROP FUNCTION IF EXISTS audit_digest, app_clock")
    op.execute("DROP TABLE IF EXISTS app_clock_offset")
