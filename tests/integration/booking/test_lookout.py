"""What booking's worker looks for many times a minute."""

from contextlib import AsyncExitStack
from pathlib import Path

from deploy.local.databases import ServiceDatabase
from services.booking.worker_tasks import build_worker
from tests.integration.booking.test_processes import settings_for
from tests.kit.plans import whole_scans

NOBODY = "127.0.0.1:1"
# Tables of a row or two, which no index makes shorter.
SMALL = {"relay_state", "bus_purge", "app_clock_offset"}


async def test_what_is_due_is_found_by_indexes(
    booking_database: ServiceDatabase, tmp_path: Path
) -> None:
    settings = settings_for(booking_database, "", f"nats://{NOBODY}", tmp_path, NOBODY)
    async with AsyncExitStack() as stack:
        lookout = (await build_worker(settings, stack)).lookout
        assert lookout is not None

        scanned = await whole_scans(lookout.database, lookout.statement)

    assert "hold" in lookout.statement
    assert scanned - SMALL == set()
