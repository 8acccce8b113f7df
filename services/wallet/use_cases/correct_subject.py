"""Correct what is kept about a person, and stop reminders."""

from dataclasses import dataclass
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.use_cases.ports import Actor, AuditNote, Transactions


@dataclass(frozen=True, slots=True)
class RectifySubject:
    """Correct an account's profile and where its waiting e-mails go; whoever asks is audited."""

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, actor: Actor, account_id: UUID, surname: str, email: str
    ) -> None:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            await tx.subjects.rectify(account_id, surname, email)
            await tx.requests.store(key, None)
            await tx.audit.note(AuditNote(actor, "RectifySubject", f"request/{key.request_id}"))
            await tx.commit()


@dataclass(frozen=True, slots=True)
class StopReminders:
    """Stop reminders to an account, or let them go on as its profile agrees."""

    transactions: Transactions

    async def __call__(self, key: RequestKey, account_id: UUID, *, stopped: bool) -> None:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            await tx.subjects.stop_reminders(account_id, stopped=stopped)
            await tx.requests.store(key, None)
            await tx.commit()
