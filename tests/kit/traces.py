"""Looks for a text in whole databases and folders, however it may be stored."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import asyncpg

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""


def anywhere(texts: Iterable[str]) -> str:
    """Make the pattern that finds any of the texts, as such and as the bytes of a stored message."""
    return "|".join(form for text in texts for form in (re.escape(text), text.encode().hex()))


async def tables_with(database_urls: Mapping[str, str], pattern: str) -> list[str]:
    """Name the tables, after their service, that hold a row in which the pattern is found."""
    found = []
    for service, url in database_urls.items():
        database = await asyncpg.connect(url)
        try:
            for row in await database.fetch(_TABLES):
                query = f"SELECT count(*) FROM {row['name']} t WHERE t::text ~ $1"
                if await database.fetchval(query, pattern):
                    found.append(f"{service} {row['name']}")
        finally:
            await database.close()
    return found


def files_with(folders: Iterable[Path], pattern: str) -> list[str]:
    """Name the files in which the pattern is found."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if re.search(pattern, path.read_text(errors="replace"))]
