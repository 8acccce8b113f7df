"""An order's screening as an entry for the buyer's calendar."""

from dataclasses import dataclass
from datetime import datetime

from services.booking.adapters.cinema_words import CinemaWords
from services.booking.domain.order import Order
from services.booking.domain.screening import ScreeningFacts
from services.common.mail.calendar import CalendarEntry, calendar_bytes
from services.common.mail.message import Attachment

PRODUCT = "Parterre"


@dataclass(frozen=True, slots=True)
class _Showing:
    title: str
    hall_name: str
    start: datetime
    end: datetime | None


def calendar_of(
    order: Order,
    words: CinemaWords,
    address: str,
    *,
    now: ScreeningFacts | None = None,
    is_cancelled: bool = False,
) -> Attachment:
    """Write the entry: as it was sold, or as it is `now`. One order has one UID, and later ones replace.

    `address` is the sender's.
    """
    sold = order.screening_now
    showing = _Showing(sold.film_title, sold.hall_name, sold.start_time, sold.ends_at)
    if now is not None:
        showing = _Showing(now.film_title, now.hall_name, now.start_time, now.end_time)
    places = (sold.cinema_name, showing.hall_name, words.address)
    entry = CalendarEntry(
        uid=f"order-{order.id}@{address.rpartition('@')[2]}",
        organizer=address,
        start=showing.start,
        end=showing.end,
        time_zone=sold.time_zone,
        summary=showing.title,
        location=", ".join(place for place in places if place),
        description=f"{order.number}\n{sold.phone}",
        written_at=order.read_at,
        sequence=order.version,
        is_cancelled=is_cancelled,
    )
    method = "CANCEL" if is_cancelled else "PUBLISH"
    return Attachment(
        f"screening-{order.number}.ics",
        f"text/calendar; charset=utf-8; method={method}",
        calendar_bytes(entry, product=PRODUCT),
    )
