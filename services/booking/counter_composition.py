"""Puts together what staff do at the counter, for the RPC process and the tests."""

from services.booking.adapters.order_transactions import OrderTransactionScopes
from services.booking.handlers.counter_servicer import Counter
from services.booking.order_composition import OrderUseCases, RetryConflicts
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.cancel_at_box_office import CancelAtBoxOffice
from services.common.db.database import Database


def counter_of(database: Database, orders: OrderUseCases, screenings: DoorScreenings) -> Counter:
    """Make the use cases of the counter."""
    return Counter(
        cancel=CancelAtBoxOffice(
            orders=orders.store,
            screenings=screenings,
            transactions=OrderTransactionScopes(database),
            kick=orders.background,
            retry=RetryConflicts(database),
        )
    )
