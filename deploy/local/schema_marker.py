"""Remembers which migrations a service's database has, so that a second start need not ask.

Only for the databases of our own server: they go with the state folder, as this file does.
"""

import hashlib
from pathlib import Path

from deploy.local.databases import ServiceDatabase
from deploy.local.environment import PROJECT
from deploy.local.state_folder import StateFolder, write_secret
from deploy.local.topology import ServiceSpec

CHASSIS_SCHEMA = PROJECT / "services" / "common" / "db"


def marker_file(state: StateFolder, spec: ServiceSpec) -> Path:
    """Return where the mark of a service lies."""
    return state.root / f"schema-{spec.name}"


def fingerprint(spec: ServiceSpec, database: ServiceDatabase, *, test_clock: bool) -> str:
    """Hash everything that decides what `migrate` would do; "" when that is not known."""
    migrations = PROJECT / Path(*spec.module.split(".")) / "migrations"
    if not migrations.is_dir():
        return ""
    digest = hashlib.sha256(f"{database.owner_url} {database.app_url} {test_clock}".encode())
    for folder in (migrations, CHASSIS_SCHEMA):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", ".sql"}:
                digest.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return digest.hexdigest()


def is_current(state: StateFolder, spec: ServiceSpec, wanted: str) -> bool:
    """Tell whether the database was migrated with exactly this."""
    file = marker_file(state, spec)
    return bool(wanted) and file.exists() and file.read_text() == wanted


def note_current(state: StateFolder, spec: ServiceSpec, done: str) -> None:
    """Note that the database was migrated with this."""
    write_secret(marker_file(state, spec), done)
