"""One try to pay: one order at the provider, or a second one when the first was lost."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.payment.domain.next_step import FIRST_STEP_AFTER_S
from services.payment.domain.states import (
    FINAL_ATTEMPT_STATES,
    MOVES,
    AttemptState,
    Decision,
)


class ForbiddenMoveError(AssertionError):
    """A move that the life of an attempt does not have: a bug, never the customer's fault."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the provider must know to open the page. Kept only until it is open."""

    description: str
    return_url: str
    email: str
    first_name: str
    last_name: str
    language_code: str
    ip_address: str


@dataclass(slots=True)
class PaymentAttempt:
    """An attempt; `round` counts the provider orders made for it.

    `ext_order_id` is our name of the last one: unique at the provider, for ever. `expire_time` is
    when the provider's page closes. `taken_early` says that the provider took the money by itself
    (auto-receive), before the owner decided. `next_step_at` is when the worker looks at it next,
    None when nothing is due.
    """

    number: int
    reference_id: UUID
    pos_id: str
    auto_receive: bool
    expire_time: datetime
    opening: Opening | None
    state: AttemptState = AttemptState.OPENING
    round: int = 1
    provider_order_id: str | None = None
    redirect_url: str | None = None
    decision: Decision | None = None
    refusal_reason: str | None = None
    decision_time: datetime | None = None
    taken_early: bool = False
    capture_sent_time: datetime | None = None
    next_step_at: datetime | None = None
    step_count: int = 0
    ext_order_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.begin_round(self.round)

    def begin_round(self, round_: int) -> None:
        """Go for another provider order, under its own name."""
        name = f"{self.reference_id}-{self.number}"
        self.round = round_
        self.ext_order_id = name if round_ == 1 else f"{name}.{round_}"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_ATTEMPT_STATES

    @property
    def is_granted(self) -> bool:
        return self.decision is Decision.GRANT

    def close_page(self, now: datetime) -> bool:
        """Let nobody pay any more; false when somebody has, or it is over already."""
        if self.state is not AttemptState.AWAITING_CUSTOMER:
            return False
        self.move(AttemptState.CANCELLING, now)
        return True

    def move(self, state: AttemptState, now: datetime) -> None:
        """Go to a state that follows the present one; raises ForbiddenMoveError for any other."""
        if state not in MOVES[self.state]:
            raise ForbiddenMoveError(f"{self.state} -> {state}")
        if state in {AttemptState.CAPTURE_SENT, AttemptState.CAPTURED} and not self.is_granted:
            raise ForbiddenMoveError(f"{state} without a grant")
        self.state = state
        self.step_count = 0
        wait_s = FIRST_STEP_AFTER_S.get(state)
        self.next_step_at = None if wait_s is None else now + timedelta(seconds=wait_s)
        if state is not AttemptState.OPENING and self.provider_order_id is not None:
            self.opening = None

    def look_soon(self, now: datetime) -> None:
        """Let the worker ask the provider at once."""
        self.next_step_at = now

    def learn_order(self, provider_order_id: str, redirect_url: str | None = None) -> None:
        """Keep what the provider calls its order; what is known already stays."""
        if self.provider_order_id is None:
            self.provider_order_id = provider_order_id
        if redirect_url is not None and self.redirect_url is None:
            self.redirect_url = redirect_url
        if self.state is not AttemptState.OPENING:
            self.opening = None
