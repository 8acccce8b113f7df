"""Who asks about orders, as calls tell it."""

from uuid import UUID

from services.booking.handlers.staff_calls import staff_of
from services.booking.use_cases.order_ports import Reader
from services.common.rpc.call import Call, Caller, CallerKind

ORDER_TOKEN_KEY = "x-order-token"  # noqa: S105 - a name
CUSTOMER_SERVICE = "customer_service"
UNKNOWN_ADDRESS = "127.0.0.1"


def reader_of(call: Call) -> Reader:
    """Say who asks for an order: by token, by account, or as customer service of cinemas."""
    caller = call.caller
    return Reader(
        principal=caller.principal,
        account_id=account_id_of(caller),
        order_token=call.header(ORDER_TOKEN_KEY),
        staff=staff_of(call) if CUSTOMER_SERVICE in caller.roles else None,
    )


def account_id_of(caller: Caller) -> UUID | None:
    """Give the account's ID, or None for anybody else."""
    return UUID(caller.subject) if caller.kind is CallerKind.ACCOUNT else None


def address_of(call: Call) -> str:
    """Give the customer's network address for the provider, which wants one, without a port."""
    kind, _, address = call.peer_address().partition(":")
    if kind not in {"ipv4", "ipv6"}:
        return UNKNOWN_ADDRESS
    return address.removeprefix("%5B").removesuffix("%5D").strip("[]") or UNKNOWN_ADDRESS
