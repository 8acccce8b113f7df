"""The answer that lists screenings, put together from parts that were serialised before."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from cinema.catalog.v1 import programme_service_pb2 as pb

from services.catalog.domain.listing import ListedScreening
from services.catalog.domain.screening import Screening
from services.catalog.handlers.screening_messages import screening_to_proto


def pack_listed(screening: Screening, sales_end_after_start: timedelta) -> bytes:
    """Serialise a screening as one element of the answer."""
    message = screening_to_proto(screening, sales_end_after_start)
    return pb.ListScreeningsResponse(screenings=[message]).SerializeToString()


def listing_answer(
    listed: Iterable[ListedScreening], next_page_token: str
) -> pb.ListScreeningsResponse:
    """Join elements to an answer; the server sends bytes as they are."""
    rest = pb.ListScreeningsResponse(next_page_token=next_page_token).SerializeToString()
    return cast("pb.ListScreeningsResponse", b"".join([*(each.packed for each in listed), rest]))
