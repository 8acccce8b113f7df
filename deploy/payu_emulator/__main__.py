"""`python -m deploy.payu_emulator`: a local PayU until SIGTERM or Ctrl-C."""

import asyncio
import gc
import logging
import os
import signal
import sys

import uvloop

from deploy.payu_emulator.app import serve
from deploy.payu_emulator.record import RecordInUseError
from deploy.payu_emulator.settings import Settings, SettingsError, read_settings

EXIT_CODE_SETTINGS = 78
# Thousands of orders stay in memory; looking through them for garbage takes longer than serving.
GARBAGE_THRESHOLDS = (50_000, 20, 100)


async def run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(settings) as address:
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        print(f"PayU emulator listens on {address}", flush=True)
        await stop.wait()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return EXIT_CODE_SETTINGS
    exit_code = 0
    try:
        uvloop.run(run(settings))
    except* RecordInUseError as group:
        print(group.exceptions[0], file=sys.stderr)
        exit_code = 1
    except* OSError as group:
        why = group.exceptions[0]
        print(f"Cannot listen on {settings.host}:{settings.port}: {why}", file=sys.stderr)
        exit_code = 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
