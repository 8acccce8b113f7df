"""What blocking and unblocking seats have in common."""

from services.booking.domain.seat_block import HallView
from services.booking.use_cases.box_office_ports import BoxOfficeTransactions, BoxOfficeTx
from services.common.requests import RequestKey

MAX_TRIES = 3


async def locked_as_seen(tx: BoxOfficeTx, hall: HallView) -> bool:
    """Lock the board and end lapsed holds; False when another plan may have come since."""
    screening_id = hall.facts.screening_id
    lock = await tx.board.lock(screening_id)
    if lock.facts_version != hall.facts_version:
        return False
    await tx.board.expire_lapsed(screening_id)
    return True


async def refuse_another_body(transactions: BoxOfficeTransactions, key: RequestKey) -> None:
    """Say so rather than anything else when the request ID was used before."""
    async with transactions() as tx:
        await tx.requests.claim(key)
        # Not committed: a claim that is new is given back.
