"""Catalog: `python -m services.catalog rpc|worker|migrate`."""

import sys

from services.catalog.config import CatalogSettings
from services.catalog.migrations import APPEND_ONLY_TABLES, FOLDER
from services.catalog.rpc_application import build_rpc
from services.catalog.worker_tasks import build_worker
from services.common.config import SettingsError
from services.common.db.migrations import migrate
from services.common.db.setup import migration_plan
from services.common.rpc.process import run_rpc_process
from services.common.worker import run_worker_process

USAGE = "usage: python -m services.catalog rpc|worker|migrate"


def main(arguments: list[str]) -> None:
    """Run one process of the service."""
    if len(arguments) != 1:
        raise SystemExit(USAGE)
    try:
        settings = CatalogSettings.load()
        match arguments[0]:
            case "rpc":
                run_rpc_process(settings, build_rpc)
            case "worker":
                run_worker_process(settings, build_worker)
            case "migrate":
                migrate(migration_plan(settings, FOLDER, append_only=APPEND_ONLY_TABLES))
            case _:
                raise SystemExit(USAGE)
    except SettingsError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
