"""Writes a hold under the board's lock, and takes lapsed seats over in place."""

from datetime import timedelta

from services.booking.adapters.hold_rows import (
    NEW_HOLD_COLUMNS,
    TERMS_VALUES,
    hold_made,
    seats_json,
    suggestion_bytes,
    terms_json,
)
from services.booking.adapters.seat_taking import hold_seats, must_be_takeable
from services.booking.adapters.transactions import BookingTransaction
from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import SalesClosedError
from services.booking.domain.seats import SeatState
from services.booking.use_cases.new_hold import Draft
from services.booking.use_cases.ports import Attempt
from services.common.requests import RequestKey

_HOLD = f"""
INSERT INTO hold ({NEW_HOLD_COLUMNS})
SELECT $1, $2, $3, $4, 'ACTIVE', $5, {TERMS_VALUES}, $7, $8, $9, $10, NULL
FROM (SELECT $6::jsonb) AS made_under (terms)"""  # noqa: S608 - constants of ours

_REQUEST = """
INSERT INTO request (principal, method, request_id, fingerprint, work_id, answer)
VALUES ($1, $2, $3, $4, $5, $6)"""


async def write_locked(
    tx: BookingTransaction, draft: Draft, key: RequestKey, limits: CallerLimits
) -> Attempt:
    """Write a hold; the caller commits. Without a hold in the result nothing was written.

    Who holds is locked before the board, as by the statement that does it at once.

    An ordered hold that has lapsed loses the seats that are taken here; its order finds out when
    it is decided. Raises SEAT_UNAVAILABLE, what the neighbours' rules say, NOT_ENOUGH_SEATS and
    SALES_CLOSED.
    """
    screening_id = draft.screening_id
    holds = await tx.board.lock_caller(draft.owner, screening_id, limits)
    limits.judge(holds)
    await tx.board.lock(screening_id)
    board = tx.board.locked(screening_id)
    if board.lock.facts_version != draft.facts_version:
        return Attempt(None)
    if not board.in_sales_window:
        raise SalesClosedError(screening_id)
    await tx.board.expire_lapsed(screening_id)
    new = draft.on(board.seat_states)
    if holds.here:
        new.judge_together(await tx.board.held_by(screening_id, draft.owner), limits)
    driver, now = tx.inner.driver, board.lock.now
    seats = {seat.seat_id: seat.seat_index for seat in new.seats}
    await must_be_takeable(driver, screening_id, seats, now)
    new.judge_neighbours(board.seat_states)
    expires_at = now + timedelta(seconds=new.terms.policy.hold_seconds)
    await hold_seats(driver, screening_id, seats, new.id, expires_at=expires_at, now=now)
    await tx.board.write(screening_id, seats.values(), SeatState.HELD)
    hold = hold_made(new, board.lock.epoch, board.revision, now)
    await driver.execute(
        _HOLD,
        new.screening_id,
        new.id,
        new.owner,
        new.channel,
        seats_json(new.seats),
        terms_json(new.terms),
        hold.epoch,
        hold.revision,
        hold.created_at,
        hold.expires_at,
    )
    await driver.execute(
        _REQUEST,
        key.principal,
        key.method,
        key.request_id,
        key.fingerprint,
        new.id,
        suggestion_bytes(new.suggestion),
    )
    return Attempt(hold)
