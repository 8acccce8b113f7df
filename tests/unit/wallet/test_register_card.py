"""A failed registration does the same work, whatever was wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from services.common.requests import RequestKey
from services.wallet.adapters.cards import CardStore
from services.wallet.domain.card import CardKind
from services.wallet.domain.errors import CardNotAcceptedError
from services.wallet.use_cases.code_ports import Attempt
from services.wallet.use_cases.ports import Transaction
from services.wallet.use_cases.register_card import RegisterCard, TypedCard


@dataclass
class RecordingDriver:
    """A connection on which nothing is found; it keeps what it was asked."""

    asked: list[str] = field(default_factory=list)

    async def fetchval(self, query: str, *_: Any) -> Any:
        self.asked.append(query)

    async def fetchrow(self, query: str, *_: Any) -> Any:
        self.asked.append(query)


@dataclass
class FakeTransaction:
    driver: RecordingDriver
    committed: bool = False

    @property
    def cards(self) -> CardStore:
        return CardStore(cast("Any", self), "UTC")

    @property
    def requests(self) -> "FakeTransaction":
        return self

    async def claim(self, _: RequestKey) -> None:
        self.driver.asked.append("claim")

    async def store(self, _: RequestKey, _result: object) -> None:
        self.driver.asked.append("store")

    async def commit(self) -> None:
        self.committed = True


@dataclass
class CountingCodes:
    hashed: list[str] = field(default_factory=list)

    def hashes(self, typed: str) -> list[bytes]:
        self.hashed.append(typed)
        return [typed.encode().ljust(32)]

    def surname_hashes(self, surname: str) -> list[bytes]:
        return self.hashes(surname)


@dataclass
class OpenGuard:
    checked: list[Attempt] = field(default_factory=list)

    async def check(self, attempt: Attempt) -> None:
        self.checked.append(attempt)


def a_request() -> RequestKey:
    return RequestKey("account:1", "RegisterCard", uuid4(), b"", lambda _: b"")


@pytest.mark.rule("CARD-4")
@pytest.mark.parametrize("kind", list(CardKind))
@pytest.mark.parametrize("number", ["ABCD-EFGH", "no number at all!", "0" * 64])
async def test_every_failure_hashes_counts_and_asks_the_same(kind: CardKind, number: str):
    driver, codes, guard = RecordingDriver(), CountingCodes(), OpenGuard()
    tx = FakeTransaction(driver)

    @asynccontextmanager
    async def transactions() -> AsyncIterator[Transaction]:
        yield cast("Transaction", tx)

    register = RegisterCard(transactions, cast("Any", codes), guard)

    with pytest.raises(CardNotAcceptedError):
        await register(
            a_request(), UUID(int=1), "ipv4:127.0.0.1", kind, TypedCard(number, "Popescu")
        )

    assert codes.hashed == [number, "Popescu"]
    assert len(guard.checked) == 1
    assert [query.split()[0] for query in driver.asked] == ["claim", "UPDATE", "SELECT"]
    assert not tx.committed
