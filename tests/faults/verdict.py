"""How an order must have ended, whatever died on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cinema.booking.v1 import order_pb2
from cinema.wallet.v1 import card_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.stage import until
from deploy.local.mailbox import list_mails
from tests.faults.patience import persist
from tests.faults.purchase import Bought
from tests.faults.suite import Suite

CARD_PLACES = 3
# A sender that was killed kept its e-mail for a minute; then the next one sends it.
MAX_WAIT_FOR_MAIL_S = 90.0


async def judge(suite: Suite, bought: Bought) -> str:
    """See that the order is confirmed with all that belongs to it, or cleanly refused.

    Returns the state's name.
    """
    buyer, order = bought.buyer, bought.order
    card = await card_of(buyer, bought.card_id)
    taken = sum(int(each["captured"]) for each in await suite.provider_orders_of(order.id))
    if order.state == order_pb2.Order.STATE_CONFIRMED:
        tickets = await persist(lambda: buyer.tickets(order.id))
        assert len(tickets) == len(order.lines), f"{order.id}: {len(tickets)} tickets"
        assert taken == order.money_due.minor_units, f"{order.id}: the provider took {taken}"
        assert (card.places_used, card.places_reserved) == (1, 0), f"{order.id}: {card}"
        mails = await until(
            lambda: _mails(suite, buyer.email), what="the e-mail", timeout_s=MAX_WAIT_FOR_MAIL_S
        )
        assert len({mail["message_id"] for mail in mails}) == 1, f"{order.id}: {mails}"
    else:
        assert taken == 0, f"{order.id} is refused and the provider took {taken}"
        assert (card.places_left, card.places_reserved) == (CARD_PLACES, 0), f"{order.id}: {card}"
    return order_pb2.Order.State.Name(order.state)


async def card_of(buyer: Buyer, card_id: str) -> card_pb2.Card:
    """Read a card of the buyer's wallet."""
    cards = await persist(buyer.cards)
    return next(card for card in cards if card.id == card_id)


async def _mails(suite: Suite, address: str) -> Sequence[Mapping[str, Any]]:
    folder = Path(suite.stack.record.files["mail"])
    return [{"message_id": mail.message_id} for mail in list_mails(folder, address)]
