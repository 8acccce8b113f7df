"""What all calls read and write alike: the caller, times, IDs that may be empty."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from services.catalog.domain.cinema import Staff
from services.catalog.domain.prices import PriceListVersion
from services.catalog.domain.terms import PublishedTerms
from services.common import ids
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.call import current_call
from services.common.rpc.paging import Keyset


def staff_of_call() -> Staff:
    """Say who of the staff makes the call being served."""
    call = current_call()
    caller = call.caller
    return Staff(caller.subject, tuple(sorted(caller.roles)), caller.cinemas, call.request_id)


def masked(mask: FieldMask, values: object, names: Mapping[str, str]) -> dict[str, object]:
    """Take from a domain object what an update's mask names, by the object's own names.

    `names` maps the paths that may be named. INVALID_FIELD for another one, and for none.
    """
    if not mask.paths:
        raise InvalidRequestError(FieldViolation("update_mask", "names no field"))
    for path in mask.paths:
        if path not in names:
            raise InvalidRequestError(FieldViolation("update_mask", "names a field not to change"))
    return {names[path]: getattr(values, names[path]) for path in mask.paths}


def optional_id(text: str, field: str) -> UUID | None:
    return ids.parse(text, field=field) if text else None


def id_or_empty(value: UUID | None) -> str:
    return "" if value is None else str(value)


def place_of(version: PriceListVersion | PublishedTerms) -> Keyset:
    """Say where the page after a published version begins."""
    return [version.effective_time.isoformat(), version.number]


def published_after(keyset: Keyset | None) -> tuple[datetime, int] | None:
    """Read where a page of published versions begins: an effective time and a number."""
    if keyset is None:
        return None
    effective_time, number = keyset
    return datetime.fromisoformat(str(effective_time)), int(number or 0)
