"""How PostgreSQL means to run a statement."""

from services.common.db.database import Database


async def whole_scans(database: Database, statement: str) -> set[str]:
    """The tables that a statement would read from end to end."""
    plan = await database.fetch(f"EXPLAIN {statement}")
    lines = [row[0].partition("Seq Scan on ") for row in plan]
    return {rest.split(maxsplit=1)[0] for _, scan, rest in lines if scan}
