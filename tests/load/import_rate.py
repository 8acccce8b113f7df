"""How many screenings a second ImportProgramme stores, over RPC on durable PostgreSQL.

    python -m tests.load.import_rate [--record]

Loads the sample week, then times the feeds of the week after it: first new, then the same again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2_grpc

from deploy.local.programme_loader import feed_messages, load_into
from deploy.local.record import StackRecord
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.tokens import mint_token, person
from deploy.programme import generate
from deploy.programme.feed import film_events
from tests.load import results

GOAL_PER_S = 2_000
IMPORT_TIMEOUT_S = 120.0


def feeds_of_next_week() -> dict[str, bytes]:
    """Make one feed for each cinema, of the week after the one that is loaded."""
    first_day = datetime.now(UTC).date() + timedelta(days=7)
    shows = generate(first_day, 1).shows
    return {
        cinema_id: json.dumps(film_events(list(of_cinema)), ensure_ascii=False).encode()
        for cinema_id, of_cinema in groupby(shows, key=lambda show: show.hall.cinema_id)
    }


async def import_all(record: StackRecord, feeds: dict[str, bytes]) -> tuple[int, int, float]:
    """Import feed after feed; gives screenings read, screenings created, and seconds."""
    provider_key = Path(record.files["provider_key"])
    token = mint_token(provider_key, person("operator", subject="import-rate"))
    read = created = 0
    async with grpc.aio.insecure_channel(record.addresses["catalog"]) as channel:
        stub = catalog_admin_service_pb2_grpc.CatalogAdminServiceStub(channel)
        began = time.perf_counter()
        for cinema_id, content in feeds.items():
            answers = stub.ImportProgramme(
                feed_messages(cinema_id, content, str(uuid4())),
                metadata=(("authorization", f"Bearer {token}"),),
                timeout=IMPORT_TIMEOUT_S,
            )
            async for answer in answers:
                if answer.WhichOneof("report") == "summary":
                    read += answer.summary.screenings_read
                    created += answer.summary.screenings_created
        seconds = time.perf_counter() - began
    return read, created, seconds


async def main(*, record: bool) -> None:
    """Measure and print; remember when asked to."""
    feeds = feeds_of_next_week()
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack(Path(folder) / "state", StackOptions(preferred_ports={})) as stack:
            await load_into(stack.record)
            lines = []
            for title in ("new", "the same again"):
                read, created, seconds = await import_all(stack.record, feeds)
                lines.append(
                    f"{title}: {read} screenings in {len(feeds)} feeds, {created} created,"
                    f" {read / seconds:,.0f} per s (goal: {GOAL_PER_S:,} per s)"
                )
    print("\n".join(["", results.heading("import"), "", *lines]))
    if record:
        results.append("import", lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.import_rate", description=__doc__)
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    asyncio.run(main(record=parser.parse_args().record))
