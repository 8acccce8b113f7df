"""What staff do to cards that exist: activate, extend, make void."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.errors import BatchNotFoundError, CardNotFoundError
from services.wallet.use_cases.ports import Actor, AuditNote, Extended, Transactions


@dataclass(frozen=True, slots=True)
class ActivateCards:
    """Let the printed cards of a batch be registered; tells how many were activated now."""

    transactions: Transactions

    async def __call__(self, key: RequestKey, actor: Actor, batch_id: UUID, reason: str) -> int:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            activated = await tx.cards.activate(batch_id)
            if activated is None:
                raise BatchNotFoundError(batch_id)
            await tx.requests.store(key, activated)
            after = repr((activated, reason)).encode()
            subject = f"card_batch/{batch_id}"
            await tx.audit.note(AuditNote(actor, "ActivateCards", subject, after=after))
            await tx.commit()
        return activated


@dataclass(frozen=True, slots=True)
class VoidCard:
    """Make a card void for good; what orders have reserved of it stays theirs."""

    transactions: Transactions

    async def __call__(self, key: RequestKey, actor: Actor, card_id: UUID, reason: str) -> None:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            locked = await tx.cards.lock(card_id, None)
            if locked is None:
                raise CardNotFoundError(card_id)
            await tx.cards.make_void(card_id)
            await tx.requests.store(key, None)
            before = locked.card.state.encode()
            note = AuditNote(actor, "VoidCard", f"card/{card_id}", before, reason.encode())
            await tx.audit.note(note)
            await tx.commit()


@dataclass(frozen=True, slots=True)
class Extension:
    """Which cards get which last date, and why."""

    batch_id: UUID | None
    card_ids: Sequence[UUID]
    last_screening_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class ExtendValidity:
    """Move the places left into lots of their own with a later date; a dry run gives it all up."""

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, actor: Actor, extension: Extension, *, dry_run: bool
    ) -> Extended:
        async with self.transactions() as tx:
            if not dry_run:
                await tx.requests.claim(key)
            extended = await tx.cards.extend(
                extension.batch_id, extension.card_ids, extension.last_screening_date
            )
            if dry_run:
                return extended
            await tx.requests.store(key, extended)
            subject = f"card_batch/{extension.batch_id}" if extension.batch_id else "cards"
            after = repr((extension, extended)).encode()
            await tx.audit.note(AuditNote(actor, "ExtendValidity", subject, after=after))
            await tx.commit()
        return extended
