"""Give a hold back."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.hold import Hold
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Free the seats of a hold at once, under the board's lock.

    A hold that was released or has expired stays as it is; one with an order is the order's. Whose
    hold it is never changes and is looked up first, so that a stranger locks nothing.
    """

    get_hold: GetHold
    transactions: Transactions

    async def __call__(
        self, screening_id: UUID, hold_id: UUID, owner: str, key: RequestKey
    ) -> Hold:
        await self.get_hold(screening_id, hold_id, owner)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            await tx.board.lock(screening_id)
            hold = await tx.board.hold_for_update(screening_id, hold_id)
            if hold.release():
                await tx.board.free(screening_id, hold_id)
                await tx.board.save_hold_state(hold)
            await tx.requests.store(key, hold)
            await tx.commit()
        return hold
