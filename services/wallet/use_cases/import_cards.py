"""Take over the cards of a partner by their own numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.codes import LAST_CHARACTERS, normalise
from services.wallet.domain.surname import comparable
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.issue_cards import issuable, issue_note
from services.wallet.use_cases.ports import Actor, NewBatch, NewCard, NewId, Transactions
from services.wallet.use_cases.register_card import TypedCard


class ImportProblem(StrEnum):
    """Why a card was not imported."""

    ALREADY_KNOWN = "ALREADY_KNOWN"
    REPEATED = "REPEATED"
    SURNAME_MISSING = "SURNAME_MISSING"
    TOO_SHORT = "TOO_SHORT"


@dataclass(frozen=True, slots=True)
class ImportWish:
    """A partner's cards as printed."""

    product_code: str
    partner: str
    last_screening_date: date
    printed: bool
    cards: Sequence[TypedCard]
    reason: str


class Imported(NamedTuple):
    batch_id: UUID | None
    number: int
    refused: Sequence[tuple[int, ImportProblem]]


@dataclass(frozen=True, slots=True)
class ImportCards:
    """Import what is good and name the rest. Numbers are looked up, never judged by a format."""

    transactions: Transactions
    codes: Codes
    new_id: NewId

    async def __call__(self, key: RequestKey, actor: Actor, wish: ImportWish) -> Imported:
        hashes = [self.codes.hashes(card.number) for card in wish.cards]
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            product = await issuable(tx, wish.product_code)
            known = set(await tx.cards.known_numbers([each for some in hashes for each in some]))
            problems = _problems(
                wish.cards, hashes, known, needs_surname=product.product.is_personal
            )
            cards = [
                self._card(card, personal=product.product.is_personal)
                for index, card in enumerate(wish.cards)
                if index not in problems
            ]
            batch = NewBatch(
                id=self.new_id(),
                product=product.product,
                product_version=product.version,
                last_screening_date=wish.last_screening_date,
                reason=wish.reason,
                issued_by=actor.id,
                cards=cards,
                partner=wish.partner,
                printed=wish.printed,
            )
            if cards:
                await tx.cards.issue(batch)
            imported = Imported(batch.id if cards else None, len(cards), list(problems.items()))
            await tx.requests.store(key, imported)
            await tx.audit.note(issue_note(actor, batch))
            await tx.commit()
        return imported

    def _card(self, card: TypedCard, *, personal: bool) -> NewCard:
        card_id = self.new_id()
        surname_hash = self.codes.surname_hashes(card.surname)[0] if personal else None
        kept = self.codes.keep(card_id, card.number)
        return NewCard(card_id, self.new_id(), kept, surname_hash=surname_hash)


def _problems(
    cards: Sequence[TypedCard],
    hashes: Sequence[Sequence[bytes]],
    known: set[bytes],
    *,
    needs_surname: bool,
) -> dict[int, ImportProblem]:
    problems: dict[int, ImportProblem] = {}
    seen: set[bytes] = set()
    for index, (card, own) in enumerate(zip(cards, hashes, strict=True)):
        if len(normalise(card.number)) < LAST_CHARACTERS:
            problems[index] = ImportProblem.TOO_SHORT
        elif known.intersection(own):
            problems[index] = ImportProblem.ALREADY_KNOWN
        elif own[0] in seen:
            problems[index] = ImportProblem.REPEATED
        elif needs_surname and not comparable(card.surname):
            problems[index] = ImportProblem.SURNAME_MISSING
        seen.add(own[0])
    return problems
