"""Pages of what is kept about a person, as messages and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cinema.type.v1.subject_record_pb2 import SubjectRecord

from services.common.errors import InvalidPageTokenError
from services.common.subjects import SubjectPage, SubjectPlace

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from services.common.rpc.paging import PageTokens


def open_place(tokens: PageTokens, token: str, request: Message) -> SubjectPlace | None:
    """Read where to go on; None at the beginning. Raises INVALID_PAGE_TOKEN."""
    match tokens.open(token, request):
        case None:
            return None
        case [str(kind), str() | None as after]:
            return SubjectPlace(kind, after)
        case _:
            raise InvalidPageTokenError


def seal_place(tokens: PageTokens, page: SubjectPage, request: Message) -> str:
    """Make the token of the next page, empty at the end."""
    return "" if page.next_place is None else tokens.seal(page.next_place, request)


def records_to_proto(page: SubjectPage) -> list[SubjectRecord]:
    """Pack what was read."""
    return [SubjectRecord(kind=record.kind, json=record.json) for record in page.records]
