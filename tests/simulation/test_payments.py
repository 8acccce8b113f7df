"""A hundred purchases to which anything happens: the records agree in the end."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from deploy.local.databases import ServiceDatabase
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from tests.integration.payment.conftest import migrate_payment
from tests.kit.databases import DatabaseFactory
from tests.simulation.payment_judge import judge
from tests.simulation.payment_machine import ACTS, PaymentMachine
from tests.simulation.payment_world import World

MAX_EXAMPLES = 100
STEPS = 25


@pytest.fixture
def service_database(databases: DatabaseFactory) -> ServiceDatabase:
    return databases.create("payment", migrate_payment)


@pytest.fixture
def machine(service_database: ServiceDatabase) -> Iterator[type[PaymentMachine]]:
    loop = asyncio.new_event_loop()
    limits = EngineLimits(pool_size=8, pool_timeout_ms=5_000, lock_timeout_ms=5_000)
    database = Database(
        create_engine(service_database.app_url, application_name="test", limits=limits)
    )

    class Machine(PaymentMachine):
        pass

    Machine.loop, Machine.database = loop, database
    Machine.ended = staticmethod(lambda _world: None)
    yield Machine
    loop.run_until_complete(database.close())
    loop.close()


@pytest.mark.rule("OTC-13b")
@pytest.mark.rule("OTC-44")
def test_whatever_happens_to_a_payment_both_records_agree_in_the_end(
    machine: type[PaymentMachine],
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=MAX_EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("currency", ["RON", "EUR"])
@pytest.mark.parametrize("lost", [0, 1], ids=["PENDING lost", "WAITING lost"])
@pytest.mark.parametrize("more", [[], [("poll", 0)]], ids=["open", "given up"])
def test_an_order_whose_answer_was_lost_is_known_by_whatever_is_heard_of_it(
    machine: type[PaymentMachine], currency: str, lost: int, more: list[tuple[str, int]]
) -> None:
    """Found by chance: PENDING was stored and not read, and what tells more was lost."""
    world = World(machine.loop, machine.database, currency)
    acts = [("trouble at the provider", 1), ("create another attempt", 0), ("pay", 0)]
    acts += [("lose one", lost), ("pages close", 0), *more]
    for act, which in acts:
        ACTS[act][1](world, which)

    world.settle()

    judge(world)


def test_money_of_an_order_that_we_never_heard_of_goes_back_before_all_is_over(
    machine: type[PaymentMachine],
) -> None:
    """Found by the soak: the order's ID is told by a notification, when the answer was lost."""
    world = World(machine.loop, machine.database, "EUR")
    world.create(1)
    for act, which in (
        ("decline", 0),
        ("hear all", 0),
        ("trouble at the provider", 1),
        ("create another attempt", 0),
        ("trouble at the provider", 0),
        ("buy", 1),
    ):
        ACTS[act][1](world, which)

    world.settle()

    judge(world)
