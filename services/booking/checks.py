"""What must always be true of booking, for `make verify`."""

from services.booking.admission_checks import admission_checks
from services.booking.complaint_checks import complaint_checks
from services.booking.order_checks import order_checks
from services.booking.remedy_checks import remedy_checks
from services.booking.return_checks import return_checks
from services.booking.seat_checks import seat_checks
from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import Check


def checks() -> list[Check]:
    """Give the checks of booking's database, the chassis's among them."""
    return [
        *chassis_checks(),
        *seat_checks(),
        *order_checks(),
        *return_checks(),
        *remedy_checks(),
        *admission_checks(),
        *complaint_checks(),
    ]
