"""The steps at which a victim is killed, of path 1 and of a cancellation: before, during and inside.

To stand between two remote steps, a step holds up the one that comes next: the local provider
answers late, or a part stands still. Nothing inside the services knows of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.watch import Watch

# How long the provider holds a call up; the kill comes within it.
HELD_MS = 800
CALLS = (
    "ListScreenings",
    "GetSeatPlan",
    "GetSeatMap",
    "HoldSeats",
    "ListTenders",
    "PlaceOrder",
    "the page",
)
Moment = Callable[[Watch], Awaitable[bool]]


@dataclass(frozen=True)
class Hold:
    """What keeps the suite in a step, and the sign that it is there.

    `faults` go to the local provider, `frozen` parts stand still from before the call, and
    `then_frozen` ones from `first` on.
    """

    reached: Moment
    faults: tuple[Mapping[str, Any], ...] = ()
    frozen: tuple[str, ...] = ()
    first: Moment | None = None
    then_frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A place in the path: at `call`, `before` it, at a random instant of it, or `inside` it."""

    name: str
    call: str
    before: bool = False
    inside: Hold | None = None


def _provider(kind: str, on: str) -> Mapping[str, Any]:
    return {"kind": kind, "on": on, "times": 1, "delay_ms": HELD_MS}


_BOOKING_RPC = ("booking-rpc-1", "booking-rpc-2")
_LATE_NOTIFICATION = {
    "kind": "delay",
    "status": "WAITING_FOR_CONFIRMATION",
    "times": 1,
    "delay_ms": 150,
}
_INSIDE = (
    Step(
        "places reserved",
        "PlaceOrder",
        inside=Hold(Watch.places_reserved, faults=(_provider("slow", "create"),)),
    ),
    Step(
        "payment created, answer on its way",
        "PlaceOrder",
        inside=Hold(Watch.known_to_provider, faults=(_provider("late_answer", "create"),)),
    ),
    Step(
        "notification on its way",
        "the page",
        inside=Hold(Watch.paid_on_the_page, faults=(_LATE_NOTIFICATION,)),
    ),
    Step(
        "authorised, not decided",
        "the page",
        inside=Hold(Watch.attempt_authorized, frozen=_BOOKING_RPC),
    ),
    Step(
        "granted, places not captured",
        "the page",
        inside=Hold(Watch.granted, frozen=("wallet-rpc-1",)),
    ),
    Step(
        "capture on its way",
        "the page",
        inside=Hold(Watch.capture_sent, faults=(_provider("slow", "capture"),)),
    ),
    Step(
        "the provider took it, answer on its way",
        "the page",
        inside=Hold(Watch.taken_by_provider, faults=(_provider("late_answer", "capture"),)),
    ),
    Step(
        "captured, booking not told",
        "the page",
        inside=Hold(
            Watch.captured,
            faults=(_provider("slow", "capture"),),
            first=Watch.capture_sent,
            then_frozen=(*_BOOKING_RPC, "booking-worker"),
        ),
    ),
    Step(
        "tickets, OrderConfirmed not consumed",
        "the page",
        inside=Hold(Watch.confirmed, frozen=("wallet-worker",)),
    ),
    Step("e-mail on its way", "the page", inside=Hold(Watch.confirmed, frozen=("mail",))),
)
STEPS = (
    *(Step(f"before {call}", call, before=True) for call in CALLS),
    *(Step(f"during {call}", call) for call in CALLS),
    *_INSIDE,
)
# The steps of a cancellation.
RETURN_STEPS = (
    Step("before CancelOrder", "CancelOrder", before=True),
    Step("during CancelOrder", "CancelOrder"),
    Step(
        "cancelled, places not restored",
        "CancelOrder",
        inside=Hold(Watch.cancelled, frozen=("wallet-rpc-1",)),
    ),
    Step(
        "refund on its way",
        "CancelOrder",
        inside=Hold(Watch.refund_asked, faults=(_provider("slow", "refund"),)),
    ),
    Step(
        "the provider gave it back, answer on its way",
        "CancelOrder",
        inside=Hold(Watch.refund_at_provider, faults=(_provider("late_answer", "refund"),)),
    ),
    Step(
        "refunded, booking not told",
        "CancelOrder",
        inside=Hold(
            Watch.refunded,
            first=Watch.refund_asked,
            then_frozen=(*_BOOKING_RPC, "booking-worker"),
        ),
    ),
    Step(
        "cancelled, e-mail on its way",
        "CancelOrder",
        inside=Hold(Watch.cancelled, frozen=("mail",)),
    ),
)
STEP_BY_NAME = {step.name: step for step in (*STEPS, *RETURN_STEPS)}
