"""Changes of holds, for booking's tests."""

from collections.abc import Sequence

from services.booking.domain.hold import Hold
from services.booking.domain.ticket_choice import TicketCount
from services.booking.use_cases.change_hold import Change
from services.common.requests import RequestKey
from tests.kit.booking_orders import GUEST
from tests.kit.booking_seats import a_key


def a_change(
    hold: Hold,
    seat_ids: Sequence[str] = (),
    tickets: Sequence[tuple[str, int]] = (),
    *,
    owner: str = "",
    promotion_code: str = "",
) -> Change:
    """A change of a hold by its owner; what is left out stays."""
    counts = [TicketCount(*each) for each in tickets]
    return Change(hold.screening_id, hold.id, owner or hold.owner, seat_ids, counts, promotion_code)


def change_key(owner: str = GUEST) -> RequestKey:
    """The key of a change."""
    return a_key(owner, call="ChangeHold")
