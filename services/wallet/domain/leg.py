"""A leg of an order in the wallet: RESERVED -> CAPTURED -> RESTORED, or RESERVED -> RELEASED."""

from enum import StrEnum
from typing import NamedTuple, assert_never
from uuid import UUID

from services.common.errors import DomainError
from services.wallet.domain.errors import (
    ReservationDiffersError,
    ReservationNotCapturedError,
    ReservationReleasedError,
)


class ReservationState(StrEnum):
    """Where a reservation is in its life."""

    RESERVED = "RESERVED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    RESTORED = "RESTORED"


class LegKey(NamedTuple):
    """Names one leg of an order for ever."""

    order_id: UUID
    leg: str
    attempt: int


def captures(key: LegKey, state: ReservationState) -> bool:
    """Tell whether a capture uses what is reserved; repeats and late ones move nothing."""
    match state:
        case ReservationState.RESERVED:
            return True
        case ReservationState.CAPTURED | ReservationState.RESTORED:
            return False
        case ReservationState.RELEASED:
            raise ReservationReleasedError(*key)
        case _:
            assert_never(state)


def releases(state: ReservationState) -> bool:
    """Tell whether a release frees something; once it is used this changes nothing."""
    match state:
        case ReservationState.RESERVED:
            return True
        case ReservationState.CAPTURED | ReservationState.RELEASED | ReservationState.RESTORED:
            return False
        case _:
            assert_never(state)


def restores(key: LegKey, state: ReservationState) -> bool:
    """Tell whether something used is given back now; only what was used can be."""
    match state:
        case ReservationState.CAPTURED:
            return True
        case ReservationState.RESTORED:
            return False
        case ReservationState.RESERVED | ReservationState.RELEASED:
            raise ReservationNotCapturedError(*key)
        case _:
            assert_never(state)


def refusal_of_other(key: LegKey, state: ReservationState) -> DomainError:
    """Refuse a key that was used for something of the other sort, or released unseen."""
    if state is ReservationState.RELEASED:
        return ReservationReleasedError(*key)
    return ReservationDiffersError(*key)
