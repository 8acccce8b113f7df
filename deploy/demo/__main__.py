"""`make demo`: starts what is needed, sells tickets, tells the story, ends with one JSON line."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import grpc

from deploy.demo import acts
from deploy.demo.attach import clock_of, stage_of
from deploy.demo.door import tickets_at_the_door
from deploy.demo.house import House
from deploy.demo.stage import Stage
from deploy.demo.story import Story, StoryBrokenError
from deploy.local.backing import external_from
from deploy.local.clock import TestClock
from deploy.local.programme_loader import load_into
from deploy.local.record import StackRecord, running_stack
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.state_folder import StateFolder

SOLD_AHEAD = timedelta(hours=3)


async def play(stage: Stage, clock: TestClock, story: Story) -> None:
    """Play all acts, and put the clock back."""
    house = House(stage)
    offset = await clock.offset()
    screening, *_ = await house.upcoming(await clock.now(), after=SOLD_AHEAD)
    story.tell(f"Tonight's screening: {screening.film.title}, {screening.local_start}")
    try:
        await acts.guest_buys_two(stage, house, story, screening)
        await acts.account_buys_mixed(stage, house, story, screening, clock)
        await acts.fifty_race_for_one_seat(stage, house, story, screening)
        await acts.declined_then_paid(stage, house, story, screening)
        await acts.declined_then_abandoned(stage, house, story, screening)
        await acts.lapsed_hold_is_bought_by_another(stage, house, story, screening, clock)
        await acts.same_order_five_times(stage, house, story, screening)
        await acts.screening_is_terminated(stage, house, story, clock)
        await tickets_at_the_door(stage, house, story, clock)
    finally:
        await clock.set(offset)


@asynccontextmanager
async def a_suite(state: Path) -> AsyncIterator[StackRecord]:
    """Attach to the suite that runs on the state folder, or start one for as long as needed."""
    running = running_stack(StateFolder(state))
    if running is not None and running.ready:
        print(f"Using the suite that runs on {running.state}.", flush=True)
        await load_into(running)
        yield running
        return
    print("No suite runs yet: starting one for the demo.", flush=True)
    options = StackOptions(external=external_from(), say=lambda line: print(line, flush=True))
    async with LocalStack(state, options) as stack:
        await load_into(stack.record)
        yield stack.record


async def main(state: Path) -> int:
    """Play the demo; 0 only if all of it held."""
    story = Story()
    async with a_suite(state) as record, stage_of(record) as stage:
        outcome = "held"
        try:
            await play(stage, clock_of(record), story)
        except (StoryBrokenError, TimeoutError, grpc.aio.AioRpcError) as broken:
            print(f"\n{broken}", flush=True)
            outcome = "broken"
    counts = dict(sorted(story.counts.items()))
    totals = dict(sorted(story.totals_minor_units.items()))
    print(
        json.dumps({"story": outcome, "counts": counts, "totals_minor_units": totals}), flush=True
    )
    return 0 if outcome == "held" else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(".parterre"))
    sys.exit(asyncio.run(main(parser.parse_args().state)))
