"""Put a card into its buyer's wallet."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.card import Card, CardKind
from services.wallet.domain.errors import CardNotAcceptedError
from services.wallet.use_cases.code_ports import Attempt, AttemptGuard, Codes
from services.wallet.use_cases.ports import Transactions


class TypedCard(NamedTuple):
    """What a customer types of a card; the surname counts for nominative ones alone."""

    number: str
    surname: str = ""


@dataclass(frozen=True, slots=True)
class RegisterCard:
    """Register by number, nominative cards by number and surname. Whatever is wrong, the answer is the same after the same work.

    The number is hashed and looked up even when it cannot be one of ours, and the statements are
    the same for every kind of failure.
    """

    transactions: Transactions
    codes: Codes
    guard: AttemptGuard

    async def __call__(
        self,
        key: RequestKey,
        account_id: UUID,
        peer_address: str,
        kind: CardKind,
        typed: TypedCard,
    ) -> Card:
        hashes = self.codes.hashes(typed.number)
        surname_hashes = self.codes.surname_hashes(typed.surname)
        await self.guard.check(Attempt(str(account_id), peer_address, hashes[0].hex()))
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            card = await tx.cards.register(hashes, surname_hashes, account_id, kind)
            if card is None:
                raise CardNotAcceptedError
            await tx.requests.store(key, card)
            await tx.commit()
        return card
