"""Money on the wire."""

from cinema.type.v1.money_pb2 import Money as MoneyMessage

from services.common.money import Money


def money_to_proto(money: Money) -> MoneyMessage:
    return MoneyMessage(currency_code=money.currency, minor_units=money.minor_units)
