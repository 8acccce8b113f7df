"""Anything may happen to a payment, in any order; in the end both records agree."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from services.common.db.database import Database
from tests.simulation.payment_judge import judge
from tests.simulation.payment_world import MAX_ATTEMPTS, World

AMOUNTS = (1, 400, 3000, 6000, 6400)
TROUBLES = ("down", "lost", "die_before", "die_after")
Act = Callable[[World, int], None]


def create_another(world: World, _which: int) -> None:
    world.create(min(world.last_attempt + 1, MAX_ATTEMPTS))


def hear_all(world: World, _which: int) -> None:
    while world.pending():
        world.deliver(0)


def buy(world: World, which: int) -> None:
    """Go all the way, as far as what happened before lets it."""
    world.pay(which)
    for _ in range(2):
        hear_all(world, which)
        world.capture(world.last_attempt)


def refund(world: World, which: int) -> None:
    world.refund(uuid4(), AMOUNTS[which % len(AMOUNTS)])


def refund_again(world: World, which: int) -> None:
    known = world.refund_ids
    if known:
        world.refund(known[which % len(known)], AMOUNTS[which % len(AMOUNTS)])


def trouble(world: World, which: int) -> None:
    world.provider.trouble = TROUBLES[which % len(TROUBLES)]


def owner(world: World, which: int) -> None:
    """Let the owner grant or refuse, capture at once or later, be there or not."""
    world.owner.grants = which % 4 != 0
    world.owner.captures_now = which % 2 == 1
    world.owner.is_away = which == 6


# How often each thing happens, of a hundred or so.
ACTS: Mapping[str, tuple[int, Act]] = {
    "create another attempt": (5, create_another),
    "create the same again": (3, lambda world, _: world.create(world.last_attempt)),
    "pay": (14, World.pay),
    "decline": (3, World.decline),
    "buy": (8, buy),
    "hear all": (6, hear_all),
    "hear one": (10, lambda world, which: world.deliver(which)),
    "hear one twice": (4, lambda world, which: world.deliver(which, again=True)),
    "lose one": (3, World.drop),
    "poll": (9, lambda world, _: world.step()),
    "capture": (8, lambda world, which: world.capture(max(world.last_attempt - which % 3, 1))),
    "cancel": (2, lambda world, _: world.cancel()),
    "refund": (5, refund),
    "refund the same again": (2, refund_again),
    "turn into a voucher": (2, lambda world, which: world.spend(AMOUNTS[which % len(AMOUNTS)])),
    "refunds arrive": (3, lambda world, _: world.settle_refunds(fails=False)),
    "refunds fail": (3, lambda world, _: world.settle_refunds(fails=True)),
    "captured behind our back": (4, World.capture_behind_our_back),
    "the authorisation lapses": (2, World.lapse),
    "pages close": (1, lambda world, _: world.close_pages()),
    "trouble at the provider": (8, trouble),
    "the owner thinks otherwise": (5, owner),
    "crash": (4, lambda world, _: world.restart()),
}
NAMES = [name for name, (weight, _) in ACTS.items() for _ in range(weight)]


class PaymentMachine(RuleBasedStateMachine):
    """One purchase. `loop` and `database` are given by who runs it."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    database: ClassVar[Database]
    ended: ClassVar[Callable[[World], None]]
    world: World

    @initialize(currency=st.sampled_from(["RON", "RON", "EUR"]))
    def begin(self, currency: str) -> None:
        self.world = World(self.loop, self.database, currency)
        self.world.create(1)

    # One rule with weights of our own: chosen among many, the telling ones come too rarely.
    @rule(act=st.sampled_from(NAMES), which=st.integers(0, 7))
    def happens(self, act: str, which: int) -> None:
        ACTS[act][1](self.world, which)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        judge(self.world)
        type(self).ended(self.world)
