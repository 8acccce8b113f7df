"""Put a card into its buyer's wallet."""

from dataclasses import dataclass
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.card import Card, CardKind
from services.wallet.domain.errors import CardNotAcceptedError
from services.wallet.use_cases.code_ports import Attempt, AttemptGuard, Codes
from services.wallet.use_cases.ports import Transactions


@dataclass(frozen=True, slots=True)
class RegisterCard:
    """Register by number. Whatever is wrong, the answer is the same after the same work.

    The number is hashed and looked up even when it cannot be one of ours, and the statements are
    the same for every kind of failure.
    """

    transactions: Transactions
    codes: Codes
    guard: AttemptGuard

    async def __call__(
        self, key: RequestKey, account_id: UUID, peer_address: str, kind: CardKind, number: str
    ) -> Card:
        hashes = self.codes.hashes(number)
        await self.guard.check(Attempt(str(account_id), peer_address, hashes[0].hex()))
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            card = await tx.cards.register(hashes, account_id, kind)
            if card is None:
                raise CardNotAcceptedError
            await tx.requests.store(key, card)
            await tx.commit()
        return card
