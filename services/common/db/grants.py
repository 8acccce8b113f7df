"""Grants to a service's application role, after each migration."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_MIGRATION_TABLE = "alembic_version"


def grant_to_application(connection: Connection, role: str, append_only: Sequence[str]) -> None:
    """Let the role work with all tables, but only read and add rows where told so.

    When the role owns the tables itself, as in some tests, there is nothing to grant.
    """
    if connection.execute(text("SELECT current_user = :role"), {"role": role}).scalar_one():
        return
    quote = connection.dialect.identifier_preparer.quote
    to_role = f"TO {quote(role)}"
    from_role = f"FROM {quote(role)}"
    connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public {to_role}"))
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public {to_role}")
    )
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public {to_role}"))
    for table in append_only:
        connection.execute(text(f"REVOKE UPDATE, DELETE ON {quote(table)} {from_role}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON {_MIGRATION_TABLE} {from_role}"))
