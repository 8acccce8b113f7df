"""Our accounts at PayU: each takes exactly one currency."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from services.common.config import SettingsError
from services.payment.domain.errors import CurrencyNotSupportedError
from services.payment.use_cases.ports import PointOfSale

MAX_FILE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class PayuPointOfSale:
    """`former_second_key` is still believed in notifications while keys are rotated.

    `cards_only` restricts the page to cards; other methods take a switch.
    """

    pos_id: str
    currency: str
    client_id: str
    client_secret: SecretStr
    second_key: SecretStr
    auto_receive: bool
    former_second_key: SecretStr | None = None
    cards_only: bool = True

    @property
    def signing_keys(self) -> tuple[str, ...]:
        keys = (self.second_key, self.former_second_key)
        return tuple(key.get_secret_value() for key in keys if key is not None)


@dataclass(frozen=True, slots=True)
class PointsOfSale:
    """All points of sale, by currency and by ID."""

    by_currency: dict[str, PayuPointOfSale]

    @classmethod
    def from_file(cls, path: Path) -> "PointsOfSale":
        """Read the JSON list; raises SettingsError without showing what is in it."""
        try:
            content = path.read_bytes()[: MAX_FILE_BYTES + 1]
            entries = [_point_of_sale(entry) for entry in json.loads(content)]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"cannot read the points of sale in {path}: {type(error).__name__}"
            ) from None
        by_currency = {entry.currency: entry for entry in entries}
        if len(by_currency) != len(entries):
            raise SettingsError(f"two points of sale in {path} have the same currency")
        return cls(by_currency)

    def of_currency(self, currency: str) -> PayuPointOfSale:
        """Find by currency; raises CURRENCY_NOT_SUPPORTED."""
        found = self.by_currency.get(currency)
        if found is None:
            raise CurrencyNotSupportedError(currency)
        return found

    def of_id(self, pos_id: str) -> PayuPointOfSale | None:
        return next((each for each in self.all if each.pos_id == pos_id), None)

    def beginning_with(self, currency: str) -> Iterator[PayuPointOfSale]:
        """Give all of them, first the one of the currency, if there is one."""
        first = self.by_currency.get(currency)
        if first is not None:
            yield first
        yield from (each for each in self.by_currency.values() if each is not first)

    @property
    def all(self) -> tuple[PayuPointOfSale, ...]:
        return tuple(self.by_currency.values())


def as_port(found: PayuPointOfSale) -> PointOfSale:
    """Show a point of sale without its secrets."""
    return PointOfSale(found.pos_id, found.currency, found.auto_receive)


def _point_of_sale(entry: dict[str, object]) -> PayuPointOfSale:
    former = entry.get("former_second_key")
    return PayuPointOfSale(
        pos_id=str(entry["pos_id"]),
        currency=str(entry["currency"]),
        client_id=str(entry["client_id"]),
        client_secret=SecretStr(str(entry["client_secret"])),
        second_key=SecretStr(str(entry["second_key"])),
        auto_receive=bool(entry["auto_receive"]),
        former_second_key=None if former is None else SecretStr(str(former)),
        cards_only=bool(entry.get("cards_only", True)),
    )
