"""Issue a batch of cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.common.errors import FieldViolation, InvalidRequestError
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
    Transaction,
    Transactions,
    VersionedProduct,
)


@dataclass(frozen=True, slots=True)
class BatchWish:
    """What is to be issued, for whom, and why; `owner` puts the cards into a wallet at once."""

    product_code: str
    count: int
    last_screening_date: date
    reason: str
    partner: str = ""
    printed: bool = False
    surnames: Sequence[str] = ()
    owner: UUID | None = None


class IssuedBatch(NamedTuple):
    batch_id: UUID
    card_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class IssueCards:
    """Issue cards under the product's newest terms and give their IDs; IssueInvitation too.

    The kept answer holds the IDs alone: `ReadNumbers` opens the numbers for it, also on a repeat.
    """

    transactions: Transactions
    codes: Codes
    new_id: NewId

    async def __call__(self, key: RequestKey, actor: Actor, wish: BatchWish) -> IssuedBatch:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            newest = await issuable(tx, wish.product_code)
            _must_have_surnames(newest, wish)
            batch = NewBatch(
                id=self.new_id(),
                product=newest.product,
                product_version=newest.version,
                last_screening_date=wish.last_screening_date,
                reason=wish.reason,
                issued_by=actor.id,
                cards=self._cards(wish),
                partner=wish.partner,
                printed=wish.printed,
            )
            await tx.cards.issue(batch)
            issued = IssuedBatch(batch.id, [card.id for card in batch.cards])
            await tx.requests.store(key, issued)
            await tx.audit.note(issue_note(actor, batch))
            await tx.commit()
        return issued

    def _cards(self, wish: BatchWish) -> list[NewCard]:
        cards = []
        for number in range(wish.count):
            card_id = self.new_id()
            surname_hash = None
            if wish.surnames:
                surname_hash = self.codes.surname_hashes(wish.surnames[number])[0]
            code = self.codes.new(card_id)
            cards.append(NewCard(card_id, self.new_id(), code, wish.owner, surname_hash))
        return cards


async def issuable(tx: Transaction, product_code: str) -> VersionedProduct:
    """Give the newest terms of a product that cards are issued of; PRODUCT_NOT_FOUND."""
    newest = await tx.products.newest(product_code)
    if newest is None or newest.product.kind is ProductKind.VOUCHER:
        raise ProductNotFoundError(product_code)
    return newest


def issue_note(actor: Actor, batch: NewBatch) -> AuditNote:
    """Write down who issued what."""
    terms = [batch.product.code, batch.product_version, len(batch.cards), batch.last_screening_date]
    after = repr([*terms, batch.partner, batch.printed, batch.reason]).encode()
    return AuditNote(actor, "IssueCards", f"card_batch/{batch.id}", after=after)


def _must_have_surnames(newest: VersionedProduct, wish: BatchWish) -> None:
    needed = wish.count if newest.product.is_personal else 0
    if len(wish.surnames) != needed:
        raise InvalidRequestError(
            FieldViolation("surnames", "one for each nominative card, and none for other cards")
        )
