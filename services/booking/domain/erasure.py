"""An erasure on its way through the three services."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.booking.domain.privacy import Person
from services.common.money import Money


class ErasureState(StrEnum):
    """What is done: wallet first, whose own reasons may hold it up; booking last, which knows whose
    it is.
    """  # noqa: D205

    REQUESTED = "REQUESTED"
    WALLET_DONE = "WALLET_DONE"
    PAYMENT_DONE = "PAYMENT_DONE"
    DONE = "DONE"


WAITS_FOR = {
    ErasureState.REQUESTED: "wallet",
    ErasureState.WALLET_DONE: "payment",
    ErasureState.PAYMENT_DONE: "booking",
    ErasureState.DONE: "",
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. `subject_id` stands for the person afterwards; when it is done nobody knows any more
    for whom: person and subject are gone from it.
    """  # noqa: D205

    id: UUID
    fingerprint: bytes
    person: Person
    subject_id: UUID | None
    state: ErasureState = ErasureState.REQUESTED
    purchase_ids: Sequence[UUID] = ()

    @property
    def is_done(self) -> bool:
        return self.state is ErasureState.DONE

    @property
    def waits_for(self) -> str:
        return WAITS_FOR[self.state]


@dataclass(frozen=True, slots=True)
class Losses:
    """What a person has left in the wallet, and the card purchases that are theirs."""

    places: int = 0
    points: int = 0
    value: Sequence[Money] = ()
    purchase_ids: Sequence[UUID] = ()
