"""`make verify`: one line for each invariant as far as it exists; exit code 0 when all hold."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.record import attach
from deploy.local.state_folder import StateFolder
from deploy.verify.run import SETTLE_S, verify


def main() -> int:
    """Check the suite that runs on the state folder."""
    parser = argparse.ArgumentParser(prog="python -m deploy.verify", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".parterre"))
    parser.add_argument("--wait-seconds", type=float, default=SETTLE_S)
    options = parser.parse_args()
    try:
        record = attach(StateFolder(options.state))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    urls = {name: database["owner"] for name, database in record.databases.items()}
    emulator = record.addresses.get("emulator")
    provider_url = f"http://{emulator}" if emulator else ""
    lines = asyncio.run(verify(urls, provider_url, wait_s=options.wait_seconds))
    for line in lines:
        print(line.text())
    broken = sum(not line.holds for line in lines)
    print(f"{len(lines) - broken} of {len(lines)} checks hold.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
