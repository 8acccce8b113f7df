"""What the provider says about one of its orders, from a notification or an answer."""

from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money
from services.payment.domain.states import OrderStatus


class Effect(StrEnum):
    """What a report changed here."""

    NOTED = "NOTED"
    REPEATED = "REPEATED"
    STALE = "STALE"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    QUARANTINED = "QUARANTINED"
    # A notification alone is not enough here: the provider is asked.
    TO_BE_PROVED = "TO_BE_PROVED"
    IGNORED = "IGNORED"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """`amount` is what the provider has on its order; `proved` is true for an answer to GET."""

    pos_id: str
    provider_order_id: str
    ext_order_id: str
    status: OrderStatus
    amount: Money
    proved: bool = False
