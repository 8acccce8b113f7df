"""Seat plans as files: JSON in any of the formats that are read."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from services.catalog.domain.seat_plan_native import SCHEMA, read_native
from services.catalog.domain.seat_plan_presglobal import read_presglobal
from services.catalog.domain.seat_plan_rules import must_be_sound
from services.catalog.domain.seat_plan_source import PlanFormat, ReadOptions, ReadPlan, wrong
from services.catalog.domain.seat_plan_vista import ROOT, read_vista

_READERS: dict[PlanFormat, Callable[[object, ReadOptions], ReadPlan]] = {
    PlanFormat.NATIVE: read_native,
    PlanFormat.VISTA: read_vista,
    PlanFormat.PRESGLOBAL: read_presglobal,
}


# No plan within the limits comes near to these; a file beyond is refused before it is decoded.
MAX_ROWS_PER_FILE = 10_000
MAX_OBJECTS_PER_FILE = 50_000
MAX_VALUES_PER_FILE = 400_000


def read_seat_plan(content: bytes, options: ReadOptions) -> ReadPlan:
    """Read a file in the given format, or in the one that it looks like.

    INVALID_SEAT_PLAN names the places in the file that are wrong.
    """
    _must_be_bounded(content)
    document = _decode(content)
    looks_like = _format_of(document)
    if looks_like is None or options.format not in (None, looks_like):
        raise wrong("file", f"is no {options.format or 'seat plan in a format that we read'}")
    read = _READERS[looks_like](document, options)
    must_be_sound(read.plan)
    return read


def _must_be_bounded(content: bytes) -> None:
    """Count rows, objects and values without decoding: that takes milliseconds, not seconds."""
    if content.count(b'"seats"') + content.count(b'"Seats"') > MAX_ROWS_PER_FILE:
        raise wrong("rows", f"has more than {MAX_ROWS_PER_FILE} rows")
    if content.count(b"{") > MAX_OBJECTS_PER_FILE:
        raise wrong("file", f"has more than {MAX_OBJECTS_PER_FILE} objects")
    if content.count(b",") > MAX_VALUES_PER_FILE:
        raise wrong("file", f"has more than {MAX_VALUES_PER_FILE} values")


def _decode(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise wrong("file", f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise wrong("file", f"is not JSON at character {error.pos}") from None
    except (ValueError, RecursionError):
        raise wrong("file", "is not JSON that we read") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; of a key that stands there twice one value would be lost unseen."""
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise wrong("file", f"has the key {twice[:40]!r} twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _format_of(document: object) -> PlanFormat | None:
    if not isinstance(document, dict):
        return None
    if "sections" in document:
        return PlanFormat.PRESGLOBAL
    if ROOT in document or "Areas" in document:
        return PlanFormat.VISTA
    if document.get("schema") == SCHEMA or "rows" in document:
        return PlanFormat.NATIVE
    return None
