"""`python -m services.payment rpc | worker | migrate`."""

import sys

from services.common.config import SettingsError
from services.payment.config import PaymentSettings
from services.payment.migrations import APPEND_ONLY_TABLES, FOLDER

EXIT_CODE_USAGE = 64
EXIT_CODE_SETTINGS = 78


def main(arguments: list[str]) -> int:
    """Run one process of the service until it is told to stop."""
    try:
        settings = PaymentSettings.load()
        # Each process loads only what it runs: a start is mostly imports.
        match arguments:
            case ["rpc"]:
                from services.common.rpc.process import run_rpc_process  # noqa: PLC0415
                from services.payment.rpc_process import build_rpc  # noqa: PLC0415

                run_rpc_process(settings, build_rpc)
            case ["worker"]:
                from services.common.worker import run_worker_process  # noqa: PLC0415
                from services.payment.worker_process import build_worker  # noqa: PLC0415

                run_worker_process(settings, build_worker)
            case ["migrate"]:
                from services.common.db.migrations import migrate  # noqa: PLC0415
                from services.common.db.setup import migration_plan  # noqa: PLC0415

                migrate(migration_plan(settings, FOLDER, append_only=APPEND_ONLY_TABLES))
            case _:
                sys.stderr.write("usage: python -m services.payment rpc | worker | migrate\n")
                return EXIT_CODE_USAGE
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CODE_SETTINGS
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
