"""Stop a screening while it runs."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening import Screening, ScreeningState
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Termination:
    """What staff say of a screening that they stop."""

    screening_id: UUID
    etag: str
    reason: str
    attributable: bool


@dataclass(frozen=True, slots=True)
class TerminateScreening:
    """End a running screening for good; again it succeeds and changes nothing.

    SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE, SCREENING_NOT_RUNNING. READ COMMITTED
    with a row lock; the clock is read under it.
    """

    transactions: Transactions

    async def __call__(self, key: RequestKey, staff: Staff, termination: Termination) -> Screening:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            screening, now = await tx.screenings.lock(termination.screening_id)
            staff.must_act_for(screening.cinema_id)
            ended = screening
            if screening.state is not ScreeningState.TERMINATED:
                ended = screening.terminate(etag=termination.etag, now=now)
                await tx.screenings.save_termination(
                    ended,
                    now=now,
                    reason=termination.reason,
                    attributable=termination.attributable,
                )
            await tx.audit.add(
                staff,
                "TerminateScreening",
                str(screening.id),
                before=screening,
                after=(ended, termination),
            )
            await tx.requests.store(key, ended)
            await tx.commit()
        return ended
