"""The emulator's settings, read from the environment once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "PARTERRE_EMULATOR_"
KNOWN = frozenset(
    {"LISTEN", "STATE", "POINTS_OF_SALE_FILE", "PUBLIC_URL", "TEST_CLOCK", "RETRY_FACTOR"}
)


class SettingsError(Exception):
    """A setting is missing, unknown or malformed; the text says which."""


@dataclass(frozen=True, slots=True)
class PointOfSale:
    """A shop's account at the provider: one currency, one pair of credentials, one signing key."""

    pos_id: str
    currency: str
    client_id: str
    client_secret: str = field(repr=False)
    second_key: str = field(repr=False)
    auto_receive: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to start.

    `retry_factor` multiplies the waits of the notification ladder; 1.0 is the provider's own pace.
    An empty `public_url` means the address the server listens on.
    """

    host: str
    port: int
    state_file: Path
    points_of_sale: tuple[PointOfSale, ...]
    public_url: str = ""
    test_clock: bool = False
    retry_factor: float = 1.0


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read `PARTERRE_EMULATOR_*`; raises SettingsError for anything unknown or malformed."""
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    if unknown := given.keys() - KNOWN:
        raise SettingsError(f"Unknown settings: {', '.join(PREFIX + name for name in unknown)}")
    host, _, port = given.get("LISTEN", "127.0.0.1:8085").rpartition(":")
    if not host:
        raise SettingsError(f"{PREFIX}LISTEN is not host:port.")
    try:
        return Settings(
            host=host,
            port=int(port),
            state_file=Path(_required(given, "STATE")),
            points_of_sale=read_points_of_sale(Path(_required(given, "POINTS_OF_SALE_FILE"))),
            public_url=given.get("PUBLIC_URL", "").rstrip("/"),
            test_clock=given.get("TEST_CLOCK", "false").lower() in {"1", "true", "yes"},
            retry_factor=float(given.get("RETRY_FACTOR", "1.0")),
        )
    except ValueError as error:
        raise SettingsError(f"A setting is malformed: {error}") from error


def read_points_of_sale(path: Path) -> tuple[PointOfSale, ...]:
    """Read the JSON list of points of sale; raises SettingsError when a field is missing."""
    try:
        entries = json.loads(path.read_text())
        return tuple(
            PointOfSale(
                pos_id=str(entry["pos_id"]),
                currency=entry["currency"],
                client_id=str(entry["client_id"]),
                client_secret=entry["client_secret"],
                second_key=entry["second_key"],
                auto_receive=bool(entry["auto_receive"]),
            )
            for entry in entries
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"{path} is not a list of points of sale: {error!r}") from error


def _required(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise SettingsError(f"{PREFIX}{name} is not set.")
    return given[name]
