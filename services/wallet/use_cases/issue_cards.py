"""Issue a batch of cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.errors import ProductNotFoundError
from services.wallet.domain.product import ProductKind
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.ports import (
    Actor,
    AuditNote,
    NewBatch,
    NewCard,
    NewId,
    Transactions,
)


@dataclass(frozen=True, slots=True)
class IssueCards:
    """Issue cards under the product's newest terms and give their IDs.

    The kept answer holds the IDs alone: `ReadNumbers` opens the numbers for it, also on a repeat.
    """

    transactions: Transactions
    codes: Codes
    new_id: NewId

    async def __call__(
        self,
        key: RequestKey,
        actor: Actor,
        product_code: str,
        count: int,
        last_screening_date: date,
        reason: str,
    ) -> Sequence[UUID]:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            newest = await tx.products.newest(product_code)
            if newest is None or newest.product.kind is ProductKind.VOUCHER:
                raise ProductNotFoundError(product_code)
            batch = NewBatch(
                id=self.new_id(),
                product=newest.product,
                product_version=newest.version,
                last_screening_date=last_screening_date,
                reason=reason,
                issued_by=actor.id,
                cards=[self._card() for _ in range(count)],
            )
            card_ids = [card.id for card in batch.cards]
            await tx.cards.issue(batch)
            await tx.requests.store(key, card_ids)
            await tx.audit.note(
                AuditNote(
                    actor,
                    "IssueCards",
                    f"card_batch/{batch.id}",
                    after=repr([product_code, newest.version, count, last_screening_date]).encode(),
                )
            )
            await tx.commit()
        return card_ids

    def _card(self) -> NewCard:
        card_id = self.new_id()
        return NewCard(card_id, self.new_id(), self.codes.new(card_id))
