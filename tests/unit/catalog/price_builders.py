"""Price lists and occasions as the tests of prices want them."""

from datetime import UTC, datetime
from typing import Any

from services.catalog.domain.price_lines import AdmissionPrice, Occasion, PriceLine
from services.catalog.domain.prices import FormatSupplement, Prices
from services.catalog.domain.ticket_types import Admission, GoodsItem, TicketType
from services.common.money import Money

TUESDAY, WEDNESDAY, SATURDAY = "2026-11-24", "2026-11-25", "2026-11-28"


def lei(bani: int) -> Money:
    return Money("RON", bani)


ADULT, CHILD = TicketType("ADULT", "Adult", ""), TicketType("CHILD", "Copil", "AGE_DOCUMENT")
STUDENT = TicketType("STUDENT", "Student", "STUDENT_CARD")
FAMILY = TicketType(
    "FAMILY", "Familie", "", admissions=(Admission("ADULT", 2), Admission("CHILD", 2))
)
GLASSES = GoodsItem("GLASSES_3D", "Ochelari 3D", (), lei(500), ("3D",))


def a_line(
    bani: int, ticket_type: str = "ADULT", area: str = "STANDARD", **changes: Any
) -> PriceLine:
    return PriceLine(ticket_type, area, changes.pop("weekdays", ()), lei(bani), **changes)


def a_family_line(adult: int, child: int, **changes: Any) -> PriceLine:
    """A line of the family package of two and two."""
    split = (AdmissionPrice("ADULT", lei(adult)), AdmissionPrice("CHILD", lei(child)))
    return a_line(2 * adult + 2 * child, "FAMILY", admission_prices=split, **changes)


def a_list(*lines: PriceLine, **changes: Any) -> Prices:
    values: dict[str, Any] = {
        "cinema_id": "1818",
        "effective_time": datetime(2026, 1, 1, tzinfo=UTC),
        "ticket_types": (ADULT, CHILD, STUDENT, FAMILY),
        "lines": lines,
        "supplements": (FormatSupplement("3D", lei(400)), FormatSupplement("IMAX", lei(900))),
        "service_fee": lei(200),
        "fee_on_places": False,
    }
    return Prices(**values | changes)


def on(day: str, at: str = "20:00", *formats: str, holiday: bool = False) -> Occasion:
    """A screening's occasion; the first format is the one that it is listed under."""
    start = datetime.fromisoformat(f"{day}T{at}")
    formats = formats or ("2D",)
    return Occasion(start, holiday, formats[0], formats)
