"""Anything may happen to a payment, in any order; in the end both records agree."""

import asyncio
from collections.abc import Callable
from typing import ClassVar
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from services.common.db.database import Database
from tests.simulation.payment_judge import judge
from tests.simulation.payment_world import MAX_ATTEMPTS, World

ANY = st.integers(0, 7)
AMOUNTS = st.sampled_from([1, 400, 3000, 6000, 6400])
TROUBLES = st.sampled_from(["down", "lost", "die_before", "die_after"])


class PaymentMachine(RuleBasedStateMachine):
    """One purchase. `loop` and `database` are given by who runs it."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    database: ClassVar[Database]
    ended: ClassVar[Callable[[World], None]]
    world: World

    @initialize(currency=st.sampled_from(["RON", "EUR"]))
    def begin(self, currency: str) -> None:
        self.world = World(self.loop, self.database, currency)
        self.world.create(1)

    @precondition(lambda self: self.world.last_attempt < MAX_ATTEMPTS)
    @rule()
    def create_another(self) -> None:
        self.world.create(self.world.last_attempt + 1)

    @rule()
    def create_again(self) -> None:
        self.world.create(self.world.last_attempt)

    @rule(index=ANY)
    def pay(self, index: int) -> None:
        self.world.pay(index)

    @rule(index=ANY)
    def pay_and_hear(self, index: int) -> None:
        self.world.pay(index)
        while self.world.pending():
            self.world.deliver(0)

    @rule(index=ANY)
    def decline(self, index: int) -> None:
        self.world.decline(index)

    @rule(index=ANY, again=st.booleans())
    def notify(self, index: int, again: bool) -> None:  # noqa: FBT001 - hypothesis gives it.
        self.world.deliver(index, again=again)

    @rule(index=ANY)
    def drop(self, index: int) -> None:
        self.world.drop(index)

    @rule()
    def poll(self) -> None:
        self.world.step()

    @rule(back=st.integers(0, 2))
    def capture(self, back: int) -> None:
        self.world.capture(max(self.world.last_attempt - back, 1))

    @rule(chance=st.integers(0, 4))
    def cancel(self, chance: int) -> None:
        if chance == 0:
            self.world.cancel()

    @rule(index=ANY)
    def buy(self, index: int) -> None:
        """Go all the way, as far as what happened before lets it."""
        self.world.pay(index)
        for _ in range(2):
            while self.world.pending():
                self.world.deliver(0)
            self.world.capture(self.world.last_attempt)

    @rule(minor_units=AMOUNTS)
    def refund(self, minor_units: int) -> None:
        self.world.refund(uuid4(), minor_units)

    @rule(minor_units=AMOUNTS, index=ANY)
    def refund_again(self, minor_units: int, index: int) -> None:
        known = self.world.refund_ids
        self.world.refund(known[index % len(known)] if known else uuid4(), minor_units)

    @rule(minor_units=AMOUNTS)
    def spend(self, minor_units: int) -> None:
        self.world.spend(minor_units)

    @rule(fails=st.booleans())
    def settle_refunds(self, fails: bool) -> None:  # noqa: FBT001 - hypothesis gives it.
        self.world.settle_refunds(fails=fails)

    @rule(index=ANY)
    def capture_behind_our_back(self, index: int) -> None:
        self.world.capture_behind_our_back(index)

    @rule(index=ANY)
    def lapse(self, index: int) -> None:
        self.world.lapse(index)

    @rule()
    def close_pages(self) -> None:
        self.world.close_pages()

    @rule(trouble=TROUBLES)
    def trouble(self, trouble: str) -> None:
        self.world.provider.trouble = trouble

    @rule(grants=st.booleans(), at_once=st.booleans(), is_away=st.booleans())
    def owner(self, grants: bool, at_once: bool, is_away: bool) -> None:  # noqa: FBT001 - hypothesis gives them.
        self.world.owner.grants = grants
        self.world.owner.captures_now = at_once
        self.world.owner.is_away = is_away

    @rule()
    def crash(self) -> None:
        self.world.restart()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        judge(self.world)
        type(self).ended(self.world)
