"""What all readers of foreign seat plans share: options, findings, typed reading of a value."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.catalog.domain.errors import MAX_SEAT_PLAN_VIOLATIONS, InvalidSeatPlanError
from services.catalog.domain.seat_plan import SeatPlan, Zone
from services.catalog.domain.seat_plan_rules import MAX_ZONE_NAME_CHARACTERS
from services.common.errors import FieldViolation

MAX_NOTES = 100
MAX_QUOTED_CHARACTERS = 40
MAX_CODE_CHARACTERS = 32
# Beyond this no hall has places; it keeps arithmetic sane.
MAX_POSITION = 1_000

_NO_CODE = re.compile(r"[^A-Z0-9]+")


class PlanFormat(StrEnum):
    """The formats that are read."""

    NATIVE = "NATIVE"
    VISTA = "VISTA"
    PRESGLOBAL = "PRESGLOBAL"


class RowOrder(StrEnum):
    """Where a file begins to count its rows; BY_NAME: A and 1 are nearest to the screen."""

    BY_NAME = "BY_NAME"
    FRONT_FIRST = "FRONT_FIRST"
    BACK_FIRST = "BACK_FIRST"


class NoteReason(StrEnum):
    """What needs a look after a plan was read."""

    UNKNOWN_STATUS = "UNKNOWN_STATUS"
    ROW_RENAMED = "ROW_RENAMED"


@dataclass(frozen=True, slots=True)
class PlanNote:
    """What was read and not understood, or changed: where in the file, and what stands there."""

    reason: NoteReason
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read. `price_areas` by the file's own codes; no `format`: it is told."""

    format: PlanFormat | None = None
    row_order: RowOrder = RowOrder.BY_NAME
    price_areas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A plan that was read from a file."""

    plan: SeatPlan
    format: PlanFormat
    notes: tuple[PlanNote, ...] = ()


@dataclass(slots=True)
class Findings:
    """What is wrong in a file, and what needs a look, in the order of finding."""

    violations: list[FieldViolation] = field(default_factory=list)
    notes: list[PlanNote] = field(default_factory=list)

    def refuse(self, where: str, why: str) -> None:
        self.violations.append(FieldViolation(where, why))
        if len(self.violations) >= MAX_SEAT_PLAN_VIOLATIONS:
            self.must_be_none()

    def note(self, reason: NoteReason, where: str, value: object) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(PlanNote(reason, where, quoted(value)))

    def must_be_none(self) -> None:
        """Raise INVALID_SEAT_PLAN when anything is wrong."""
        if self.violations:
            raise InvalidSeatPlanError(self.violations)


def wrong(where: str, why: str) -> InvalidSeatPlanError:
    return InvalidSeatPlanError([FieldViolation(where, why)])


def mapping_at(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise wrong(where, "is no object")
    return value


def list_at(value: object, where: str, max_items: int) -> Sequence[Any]:
    """Read a list; nothing at all is an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong(where, "is no list")
    if len(value) > max_items:
        raise wrong(where, f"has more than {max_items} items")
    return value


def label_at(value: object, where: str) -> str:
    """Read a name that may be written as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise wrong(where, "is no name")
    return value.strip()


def position_at(value: object, where: str) -> float:
    """Read a coordinate that may be written as text."""
    number = number_of(value)
    if number is None or not -MAX_POSITION <= number <= MAX_POSITION:
        raise wrong(where, f"is no number within {MAX_POSITION}")
    return number


def number_of(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def zone_of(name: str, other_code: str) -> Zone:
    """Make a zone of a name; the other code is for names that no code can be made of."""
    return Zone(code_of(name) or code_of(other_code), name[:MAX_ZONE_NAME_CHARACTERS].strip())


def code_of(text: str) -> str:
    """Make a code such as `LOVE_SEATS` of a name; "" when nothing of it can be used."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NO_CODE.sub("_", ascii_text.upper()).strip("_")[:MAX_CODE_CHARACTERS].strip("_")


def quoted(value: object) -> str:
    """Give a value of unknown origin as short text."""
    text = value if isinstance(value, str) else repr(value)
    return "".join(each if each.isprintable() else "\ufffd" for each in text)[
        :MAX_QUOTED_CHARACTERS
    ]
