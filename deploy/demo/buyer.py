"""Someone who buys tickets: every method is one public call, or one form on the payment page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2, ticket_pb2
from cinema.wallet.v1 import card_pb2, wallet_service_pb2

from deploy.demo.stage import CALL_TIMEOUT_S, Metadata, Stage, until
from services.common.rpc.client import refusal_of

RETURN_URL = "http://localhost/thank-you"
FINAL_STATES = (
    order_pb2.Order.STATE_CONFIRMED,
    order_pb2.Order.STATE_EXPIRED,
    order_pb2.Order.STATE_ABANDONED,
    order_pb2.Order.STATE_REFUSED,
    order_pb2.Order.STATE_CANCELLED,
)
_process_of_next_buyer = count()


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """Give the reason of a refusal, such as `SEAT_UNAVAILABLE`."""
    return refusal_of(error).reason


@dataclass
class Buyer:
    """A guest or an account holder with a name and an address of their own."""

    stage: Stage
    first_name: str
    email: str
    token: str
    account_id: str = ""
    order_tokens: dict[str, str] = field(default_factory=dict)
    booking: Any = None
    last_name: str = "Popescu"

    def __post_init__(self) -> None:
        bookings = self.stage.bookings
        self.booking = bookings[next(_process_of_next_buyer) % len(bookings)]

    @classmethod
    async def guest(cls, stage: Stage, first_name: str) -> Buyer:
        """Start a guest's session."""
        answer = await stage.bookings[0].StartSession(
            pb.StartSessionRequest(request_id=str(uuid4())), timeout=CALL_TIMEOUT_S
        )
        return cls(stage, first_name, _address_for(first_name), answer.session_token)

    @classmethod
    def account(cls, stage: Stage, first_name: str) -> Buyer:
        """Log in as a new customer of the identity provider."""
        account_id = str(uuid4())
        token = stage.mint_token("account", account_id, ())
        return cls(stage, first_name, _address_for(first_name), token, account_id)

    def metadata(self, order_id: str = "") -> Metadata:
        """Give what goes with a call, the order's token among it."""
        metadata: Metadata = (("authorization", f"Bearer {self.token}"),)
        if order_id in self.order_tokens:
            metadata += (("x-order-token", self.order_tokens[order_id]),)
        return metadata

    async def hold(
        self,
        screening_id: str,
        seat_ids: Sequence[str],
        tickets: Mapping[str, int] | None = None,
        request_id: str = "",
    ) -> hold_pb2.Hold:
        """Hold seats; all adults unless told otherwise."""
        types = tickets or {"ADULT": len(seat_ids)}
        request = pb.HoldSeatsRequest(
            screening_id=screening_id,
            seat_ids=seat_ids,
            tickets=[hold_pb2.TicketCount(ticket_type=t, count=n) for t, n in types.items()],
            request_id=request_id or str(uuid4()),
        )
        answer = await self.booking.HoldSeats(
            request, metadata=self.metadata(), timeout=CALL_TIMEOUT_S
        )
        hold: hold_pb2.Hold = answer.hold
        return hold

    async def tenders(self, hold: hold_pb2.Hold) -> pb.ListTendersResponse:
        """List what can pay a hold."""
        request = pb.ListTendersRequest(screening_id=hold.screening_id, hold_id=hold.id)
        answer: pb.ListTendersResponse = await self.booking.ListTenders(
            request, metadata=self.metadata(), timeout=CALL_TIMEOUT_S
        )
        return answer

    async def place(
        self,
        hold: hold_pb2.Hold,
        places: Mapping[str, Sequence[str]] | None = None,
        request_id: str = "",
        voucher_codes: Sequence[str] = (),
    ) -> order_pb2.Order:
        """Place the order; `places` names the seats that each card pays."""
        request = pb.PlaceOrderRequest(
            screening_id=hold.screening_id,
            hold_id=hold.id,
            contact=order_pb2.Contact(
                first_name=self.first_name,
                last_name=self.last_name,
                email=self.email,
                language_code="en",
            ),
            terms_accepted=True,
            gtc_version=hold.gtc_version,
            otc_version=hold.otc_version,
            place_tenders=[
                pb.PlaceTender(card_id=card_id, seat_ids=seat_ids)
                for card_id, seat_ids in (places or {}).items()
            ],
            voucher_tenders=[pb.VoucherTender(voucher_code=code) for code in voucher_codes],
            return_url=RETURN_URL,
            request_id=request_id or str(uuid4()),
        )
        answer = await self.booking.PlaceOrder(
            request, metadata=self.metadata(), timeout=CALL_TIMEOUT_S
        )
        if answer.order_token:
            self.order_tokens[answer.order.id] = answer.order_token
        order: order_pb2.Order = answer.order
        return order

    async def order(self, order_id: str) -> order_pb2.Order:
        """Read an order."""
        answer = await self.booking.GetOrder(
            pb.GetOrderRequest(order_id=order_id),
            metadata=self.metadata(order_id),
            timeout=CALL_TIMEOUT_S,
        )
        order: order_pb2.Order = answer.order
        return order

    async def payable(self, order: order_pb2.Order) -> order_pb2.Order:
        """Wait for the redirect address of an order whose provider is slow."""
        if order.redirect_url:
            return order

        async def has_address() -> order_pb2.Order | None:
            latest = await self.order(order.id)
            return latest if latest.redirect_url else None

        latest: order_pb2.Order = await until(has_address, what="a redirect address")
        return latest

    async def on_page(self, order: order_pb2.Order, action: str) -> None:
        """Submit the form of the provider's page: `pay`, `decline` or `leave`."""
        redirect_url = (await self.payable(order)).redirect_url
        query = parse_qs(urlsplit(redirect_url).query)
        form = {"orderId": query["orderId"][0], "token": query["token"][0], "action": action}
        async with self.stage.http.post(redirect_url, data=form, allow_redirects=False) as answer:
            if answer.status not in {200, 302, 303}:
                raise RuntimeError(f"The payment page answered {answer.status} to {action}.")

    async def await_state(
        self, order_id: str, *states: order_pb2.Order.State.ValueType, timeout_s: float = 30.0
    ) -> order_pb2.Order:
        """Wait until the order is in one of the states."""

        async def reached() -> order_pb2.Order | None:
            latest = await self.order(order_id)
            return latest if latest.state in states else None

        names = " or ".join(order_pb2.Order.State.Name(state) for state in states)
        order: order_pb2.Order = await until(
            reached, what=f"order {order_id} in {names}", timeout_s=timeout_s
        )
        return order

    async def buy(
        self,
        screening_id: str,
        seat_ids: Sequence[str],
        places: Mapping[str, Sequence[str]] | None = None,
    ) -> order_pb2.Order:
        """Hold, place, pay on the page when money is due, and wait for the tickets."""
        hold = await self.hold(screening_id, seat_ids)
        order = await self.place(hold, places)
        if order.money_due.minor_units:
            await self.on_page(order, "pay")
        return await self.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)

    async def await_payment_failed(self, order_id: str) -> order_pb2.Order:
        """Wait until a declined payment has reached the order."""

        async def failed() -> order_pb2.Order | None:
            latest = await self.order(order_id)
            legs = [leg for leg in latest.legs if leg.kind == order_pb2.OrderLeg.KIND_PAYMENT]
            return latest if legs[0].state == order_pb2.OrderLeg.STATE_FAILED else None

        order: order_pb2.Order = await until(failed, what="the payment to be declined")
        return order

    async def retry_payment(self, order_id: str) -> order_pb2.Order:
        """Open another payment attempt."""
        answer = await self.booking.RetryPayment(
            pb.RetryPaymentRequest(order_id=order_id, request_id=str(uuid4())),
            metadata=self.metadata(order_id),
            timeout=CALL_TIMEOUT_S,
        )
        order: order_pb2.Order = answer.order
        return order

    async def abandon(self, order_id: str) -> order_pb2.Order:
        """Give an unpaid order up."""
        answer = await self.booking.AbandonOrder(
            pb.AbandonOrderRequest(order_id=order_id, request_id=str(uuid4())),
            metadata=self.metadata(order_id),
            timeout=CALL_TIMEOUT_S,
        )
        order: order_pb2.Order = answer.order
        return order

    async def cancel(
        self, order_id: str, request_id: str = "", *, validate_only: bool = False
    ) -> pb.CancelOrderResponse:
        """Cancel a whole order, or only ask what would come back."""
        answer: pb.CancelOrderResponse = await self.booking.CancelOrder(
            pb.CancelOrderRequest(
                order_id=order_id,
                whole_order=True,
                validate_only=validate_only,
                request_id=request_id or str(uuid4()),
            ),
            metadata=self.metadata(order_id),
            timeout=CALL_TIMEOUT_S,
        )
        return answer

    async def release(self, hold: hold_pb2.Hold) -> None:
        """Give a hold back."""
        await self.booking.ReleaseHold(
            pb.ReleaseHoldRequest(
                screening_id=hold.screening_id, hold_id=hold.id, request_id=str(uuid4())
            ),
            metadata=self.metadata(),
            timeout=CALL_TIMEOUT_S,
        )

    async def tickets(self, order_id: str) -> list[ticket_pb2.Ticket]:
        """List an order's tickets."""
        answer = await self.booking.ListTickets(
            pb.ListTicketsRequest(order_id=order_id),
            metadata=self.metadata(order_id),
            timeout=CALL_TIMEOUT_S,
        )
        return list(answer.tickets)

    async def request_remedy(self, order_id: str, **wish: Any) -> order_pb2.Remedy:
        """Ask for what is due because the screening was changed or called off."""
        request = pb.RequestRemedyRequest(order_id=order_id, request_id=str(uuid4()))
        request.MergeFrom(pb.RequestRemedyRequest(**wish))
        answer = await self.booking.RequestRemedy(
            request, metadata=self.metadata(order_id), timeout=CALL_TIMEOUT_S
        )
        remedy: order_pb2.Remedy = answer.remedy
        return remedy

    async def register_card(self, card_number: str) -> card_pb2.Card:
        """Put a place card into the wallet."""
        answer = await self.stage.wallet.RegisterCard(
            wallet_service_pb2.RegisterCardRequest(
                kind=wallet_service_pb2.CARD_KIND_PLACE_CARD,
                card_number=card_number,
                request_id=str(uuid4()),
            ),
            metadata=self.metadata(),
            timeout=CALL_TIMEOUT_S,
        )
        card: card_pb2.Card = answer.card
        return card

    async def cards(self) -> list[card_pb2.Card]:
        """List the wallet's cards."""
        answer = await self.stage.wallet.ListCards(
            wallet_service_pb2.ListCardsRequest(), metadata=self.metadata(), timeout=CALL_TIMEOUT_S
        )
        return list(answer.cards)


def _address_for(first_name: str) -> str:
    return f"{first_name.lower()}.{uuid4().hex[:12]}@example.com"
