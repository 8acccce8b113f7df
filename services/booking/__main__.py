"""Booking: `python -m services.booking rpc|worker|migrate`."""

import sys
from pathlib import Path

from services.booking.config import BookingSettings
from services.booking.rpc_application import build_rpc
from services.booking.worker_tasks import build_worker
from services.common.config import SettingsError
from services.common.db.migrations import migrate
from services.common.db.setup import migration_plan
from services.common.rpc.process import run_rpc_process
from services.common.worker import run_worker_process

MIGRATIONS = Path(__file__).parent / "migrations"
USAGE = "usage: python -m services.booking rpc|worker|migrate"


def main(arguments: list[str]) -> None:
    """Run one process of the service."""
    if len(arguments) != 1:
        raise SystemExit(USAGE)
    try:
        settings = BookingSettings.load()
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    match arguments[0]:
        case "rpc":
            run_rpc_process(settings, build_rpc)
        case "worker":
            run_worker_process(settings, build_worker)
        case "migrate":
            migrate(migration_plan(settings, MIGRATIONS))
        case _:
            raise SystemExit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
