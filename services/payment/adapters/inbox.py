"""The inbox of notifications, by the digest of their bytes."""

from dataclasses import dataclass

from asyncpg import Record

from services.common.db.together import Together
from services.payment.adapters.payment_writing import Writing, news_of
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts


@dataclass(frozen=True, slots=True)
class SqlInbox:
    """Notifications from which nothing was learnt; the others are stored with what they changed."""

    writing: Together[Writing, Record]

    async def add(self, facts: NotificationFacts, effect: Effect | RefundEffect) -> bool:
        return await self.writing(news_of(facts, effect)) is not None
