"""Products by code and version, kept by each process: a version's terms never change."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from asyncpg import Record

from services.common.bounded_cache import BoundedCache
from services.wallet.adapters.card_rows import PRODUCT_COLUMNS, product_of
from services.wallet.domain.product import CardProduct

MAX_KNOWN_PRODUCTS = 1_000

_READ = f"""
SELECT {PRODUCT_COLUMNS} FROM card_product p
JOIN unnest($1::text[], $2::integer[]) AS wanted (code, version)
    ON wanted.code = p.code AND wanted.version = p.version"""  # noqa: S608 - a constant of ours

Version = tuple[str, int]


class Runner(Protocol):
    """What can run a statement: a transaction's connection, or the database itself."""

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class KnownProducts:
    """Reads what a process has not seen yet, and remembers it."""

    _known: BoundedCache[Version, CardProduct] = field(
        default_factory=lambda: BoundedCache(MAX_KNOWN_PRODUCTS)
    )

    async def of(self, runner: Runner, versions: Iterable[Version]) -> dict[Version, CardProduct]:
        """Give the terms of these versions."""
        found: dict[Version, CardProduct] = {}
        missing: list[Version] = []
        for version in set(versions):
            product = self._known.get(version)
            if product is None:
                missing.append(version)
            else:
                found[version] = product
        if missing:
            codes, numbers = zip(*missing, strict=True)
            for row in await runner.fetch(_READ, list(codes), list(numbers)):
                number, product = product_of(row)
                found[(product.code, number)] = product
                self._known.put((product.code, number), product)
        return found
