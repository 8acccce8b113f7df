"""Booking: `python -m services.booking rpc|worker|images|migrate`."""

import sys
from pathlib import Path

from services.booking.config import BookingSettings
from services.common.config import SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"
USAGE = "usage: python -m services.booking rpc|worker|images|migrate"


def main(arguments: list[str]) -> None:
    """Run one process of the service."""
    if len(arguments) != 1:
        raise SystemExit(USAGE)
    try:
        settings = BookingSettings.load()
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    # Each process loads only what it runs: a start is mostly imports.
    match arguments[0]:
        case "rpc":
            from services.booking.rpc_application import build_rpc  # noqa: PLC0415
            from services.common.rpc.process import run_rpc_process  # noqa: PLC0415

            run_rpc_process(settings, build_rpc)
        case "worker":
            from services.booking.worker_tasks import build_worker  # noqa: PLC0415
            from services.common.worker import run_worker_process  # noqa: PLC0415

            run_worker_process(settings, build_worker)
        case "images":
            from services.booking.image_process import run_image_process  # noqa: PLC0415

            run_image_process(settings)
        case "migrate":
            from services.common.db.migrations import migrate  # noqa: PLC0415
            from services.common.db.setup import migration_plan  # noqa: PLC0415

            migrate(migration_plan(settings, MIGRATIONS, append_only=("admission",)))
        case _:
            raise SystemExit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
