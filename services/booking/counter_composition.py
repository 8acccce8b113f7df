"""Puts together what staff do at the counter, for the RPC process and the tests."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.booking.adapters.catalog_client import CatalogClient
from services.booking.adapters.door_screenings import OwnDoorScreenings
from services.booking.adapters.holds import HoldStore
from services.booking.adapters.order_numbers import new_order_number
from services.booking.adapters.order_transactions import OrderTransactionScopes
from services.booking.adapters.price_tables import PriceTableStore
from services.booking.handlers.counter_servicer import Counter
from services.booking.order_composition import OrderUseCases, RetryConflicts
from services.booking.order_parts import ticket_signer
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.cancel_at_box_office import CancelAtBoxOffice
from services.booking.use_cases.confirm_order import ConfirmOrder
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.order_ports import TicketSigner
from services.booking.use_cases.override_fee_refund import OverrideFeeRefund
from services.booking.use_cases.ports import Holds, Screenings
from services.booking.use_cases.sell_seats import SellSeats
from services.booking.use_cases.sell_tickets import SellTickets
from services.common.db.database import Database
from services.common.single_flight import KeyedLocks

if TYPE_CHECKING:
    from services.booking.composition import Parts


@dataclass(frozen=True, slots=True)
class CounterPorts:
    """What the counter needs from elsewhere."""

    database: Database
    orders: OrderUseCases
    hold_seats: HoldSeats
    holds: Holds
    screenings: Screenings
    known_screenings: DoorScreenings
    signer: TicketSigner


def counter_of(ports: CounterPorts) -> Counter:
    """Make the use cases of the counter."""
    orders, transactions = ports.orders, OrderTransactionScopes(ports.database)
    retry = RetryConflicts(ports.database)
    return Counter(
        sell=SellTickets(
            hold_seats=ports.hold_seats,
            holds=ports.holds,
            screenings=ports.screenings,
            orders=orders.store,
            transactions=transactions,
            sell_seats=SellSeats(transactions, retry),
            confirm=ConfirmOrder(ports.signer),
            new_number=new_order_number,
        ),
        cancel=CancelAtBoxOffice(
            orders=orders.store,
            screenings=ports.known_screenings,
            transactions=transactions,
            kick=orders.background,
            retry=retry,
        ),
        override_fee=OverrideFeeRefund(orders.store, transactions, orders.background, retry),
    )


def open_counter(parts: "Parts", orders: OrderUseCases) -> Counter:
    """Make the counter of a process."""
    settings = parts.settings
    limits = settings.caller_limits()
    holds = HoldStore(parts.database, parts.transactions, parts.maps, limits)
    hold_seats = HoldSeats(
        parts.screenings,
        CatalogClient(parts.catalog),
        PriceTableStore(parts.database),
        holds,
        KeyedLocks(),
        limits,
    )
    return counter_of(
        CounterPorts(
            database=parts.database,
            orders=orders,
            hold_seats=hold_seats,
            holds=holds,
            screenings=parts.screenings,
            known_screenings=OwnDoorScreenings(parts.screenings.copies, parts.screenings),
            signer=ticket_signer(settings),
        )
    )
