"""Looks for a text in whole databases and folders, however it may be stored."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import asyncpg
import nats
from nats.js.errors import NotFoundError

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


async def events_with(nats_url: str, pattern: str) -> list[str]:
    """Name the subjects of events on the bus in which the pattern is found."""
    client = await nats.connect(nats_url)
    found = []
    try:
        jetstream = client.jetstream()
        for stream in await jetstream.streams_info():
            name, state = str(stream.config.name), stream.state
            for sequence in range(state.first_seq, state.last_seq + 1):
                try:
                    message = await jetstream.get_msg(name, sequence)
                except NotFoundError:
                    continue
                raw = (message.data or b"").decode(errors="replace")
                if re.search(pattern, f"{message.subject} {message.headers} {raw}"):
                    found.append(str(message.subject))
    finally:
        await client.close()
    return found
