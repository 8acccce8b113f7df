"""Purchases to which anything happens, in any order: both records agree in the end.

Real use cases on a real PostgreSQL, and the emulated provider in the same process. Runs are found
by hypothesis, from the seed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import hypothesis.core
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from deploy.local.databases import create_database, roles_of
from deploy.local.stack import StackOptions
from deploy.local.state_folder import StateFolder
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from tests.integration.payment.conftest import migrate_payment
from tests.load.soak.context import SoakContext, SoakFailedError
from tests.simulation.payment_machine import PaymentMachine
from tests.simulation.payment_world import World

COUNTS: Mapping[str, int] = MappingProxyType({"runs": 10_000, "steps": 25})
OPTIONS = StackOptions()
SAY_EVERY = 500

__all__ = ["COUNTS", "OPTIONS", "run"]


async def run(context: SoakContext) -> Mapping[str, object]:
    """Run the machine as often as `runs` says; gives what the runs were made of."""
    if context.stack is None:
        raise SoakFailedError("The payments need a server of their own.")
    record = context.stack.record
    roles = roles_of(StateFolder(Path(record.state)), "payment")
    made = await create_database(record.postgres_admin_url, roles, name="payment_soak")
    await migrate_payment(made)
    seen = await asyncio.to_thread(_run, context, made.app_url)
    return {
        "runs": seen.pop("runs"),
        **{name: seen[name] for name in sorted(seen)},
        "disagreements": 0,
    }


def _run(context: SoakContext, url: str) -> Counter[str]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seen: Counter[str] = Counter()

    def ended(world: World) -> None:
        seen["runs"] += 1
        _count(seen, world)
        if seen["runs"] % SAY_EVERY == 0:
            context.say(f"{seen['runs']} runs, all agree")

    class Machine(PaymentMachine):
        pass

    loop = asyncio.new_event_loop()
    limits = EngineLimits(pool_size=8, pool_timeout_ms=5_000, lock_timeout_ms=5_000)
    Machine.database = Database(create_engine(url, application_name="soak", limits=limits))
    Machine.loop = loop
    Machine.ended = staticmethod(ended)
    vars(hypothesis.core)["global_force_seed"] = context.seed
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=context.counts["runs"],
                stateful_step_count=context.counts["steps"],
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except AssertionError as error:
        notes = "; ".join(getattr(error, "__notes__", []))
        raise SoakFailedError(f"Seed {context.seed}: {error} ({notes})") from error
    finally:
        loop.run_until_complete(Machine.database.close())
        loop.close()
    return seen


def _count(seen: Counter[str], world: World) -> None:
    orders = world.provider.orders
    seen["orders at the provider"] += len(orders)
    seen["captures"] += sum(order.captured > 0 for order in orders)
    seen["refunds carried out"] += sum(
        refund["status"] == "FINALIZED" for order in orders for refund in order.refunds
    )
    seen["refunds that failed first"] += sum(
        refund["status"] == "CANCELED" for order in orders for refund in order.refunds
    )
    seen["orders given back whole"] += sum(
        order.captured > 0 and order.captured == order.refunded for order in orders
    )
    seen["deaths of the process"] += world.deaths - 1
    seen["notifications"] += len(world.seen)
