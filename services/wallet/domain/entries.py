"""The ledger of places: what each step of a reservation moves, and from which lot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.wallet.domain.card import PlaceLot


class EntryKind(StrEnum):
    """Why a place moved."""

    ISSUE = "ISSUE"
    RESERVE = "RESERVE"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"
    RESTORE = "RESTORE"
    GRACE = "GRACE"
    EXTEND = "EXTEND"


@dataclass(frozen=True, slots=True)
class PlaceMove:
    """What one entry adds to the three balances of a lot."""

    left: int
    reserved: int
    used: int


MOVES = {
    EntryKind.RESERVE: PlaceMove(left=-1, reserved=1, used=0),
    EntryKind.CAPTURE: PlaceMove(left=0, reserved=-1, used=1),
    EntryKind.RELEASE: PlaceMove(left=1, reserved=-1, used=0),
    EntryKind.RESTORE: PlaceMove(left=1, reserved=0, used=-1),
}


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """One place of one lot moved for one seat. Entries are only ever added."""

    kind: EntryKind
    lot_id: UUID
    seat_id: str
    move: PlaceMove


def with_grace(
    entries: Sequence[PlaceEntry], expired_lot_ids: Collection[UUID], grace_lot_id: UUID
) -> list[PlaceEntry]:
    """Let restored places of expired lots go to another lot instead of back to their own."""
    moved: list[PlaceEntry] = []
    for entry in entries:
        if entry.kind is not EntryKind.RESTORE or entry.lot_id not in expired_lot_ids:
            moved.append(entry)
            continue
        moved.append(replace(entry, move=replace(entry.move, left=0)))
        moved.append(PlaceEntry(EntryKind.GRACE, grace_lot_id, entry.seat_id, PlaceMove(1, 0, 0)))
    return moved


def soonest_expiring(lots: Sequence[PlaceLot], local_date: date, count: int) -> list[UUID]:
    """Choose the lot of each of `count` places: those that still cover the date, soonest first."""
    covering = sorted(
        (lot for lot in lots if local_date <= lot.last_screening_date),
        key=lambda lot: (lot.last_screening_date, lot.id),
    )
    places = [lot.id for lot in covering for _ in range(lot.places_left)]
    if len(places) < count:
        raise ValueError("fewer places than seats: eligibility was not judged")
    return places[:count]
