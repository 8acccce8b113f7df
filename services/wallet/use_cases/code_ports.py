"""Codes of cards and vouchers, and the attempts to guess them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeptCode:
    """What is stored of a code: a keyed hash to find it and the sealed code to show it."""

    hash: bytes
    hash_key: str
    sealed: bytes
    seal_key: str
    last_four: str


class Codes(Protocol):
    """Makes, hashes, seals and opens codes. `owner_id` is the card or voucher it belongs to."""

    def new(self, owner_id: UUID) -> KeptCode:
        """Draw a code of at least 80 random bits for a card or voucher."""
        ...

    def keep(self, owner_id: UUID, typed: str) -> KeptCode:
        """Keep a number that somebody else made."""
        ...

    def surname_hashes(self, surname: str) -> Sequence[bytes]:
        """Hash a surname as it is compared, under each key in use; the first is the current one."""
        ...

    def hashes(self, typed: str) -> Sequence[bytes]:
        """Hash what somebody typed, under each key in use: the same work whatever it is."""
        ...

    def reveal(self, owner_id: UUID, sealed: bytes, seal_key: str) -> str:
        """Open a sealed code and write it as it is printed."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries a code: who, from where, and which."""

    principal: str
    peer_address: str
    code_hash: str


class AttemptGuard(Protocol):
    async def check(self, attempt: Attempt) -> None:
        """Count an attempt; raises TOO_MANY_ATTEMPTS with the time to wait."""
        ...


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A sealed code and the card or voucher that it opens for."""

    owner_id: UUID
    sealed: bytes
    seal_key: str
