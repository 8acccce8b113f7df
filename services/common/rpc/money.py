"""Money on the wire."""

from cinema.type.v1.money_pb2 import Money as MoneyMessage

from services.common.money import Money
from services.common.rpc.fields import Fields


def money_to_proto(money: Money) -> MoneyMessage:
    """Write an amount."""
    return MoneyMessage(currency_code=money.currency, minor_units=money.minor_units)


def money_fields(money: Money) -> Fields:
    """Write an amount that is a part of a message."""
    return {"currency_code": money.currency, "minor_units": money.minor_units}


def money_of(message: MoneyMessage) -> Money:
    """Read an amount that the sender must have set."""
    return Money(message.currency_code, message.minor_units)


def money_or_zero(message: MoneyMessage, currency: str) -> Money:
    """Read an amount that the sender may leave out when it is zero."""
    return Money(message.currency_code or currency, message.minor_units)
