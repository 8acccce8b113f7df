"""Long pieces of work on the event loop give way to what is ready."""

import asyncio
from itertools import pairwise

from services.common.turns import Turns

PIECES = 5


async def test_between_two_pieces_of_work_whatever_is_ready_runs() -> None:
    turns = Turns()
    done: list[str] = []

    async def work() -> None:
        await turns.wait()
        done.append("piece")

    async def steps_that_somebody_waits_for() -> None:
        while done.count("piece") < PIECES:
            done.append("step")
            await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(PIECES)), steps_that_somebody_waits_for())

    assert done.count("piece") == PIECES
    assert ("piece", "piece") not in list(pairwise(done))


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    turns = Turns()
    first, second = (asyncio.create_task(turns.wait()) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    await asyncio.wait_for(second, timeout=5)
