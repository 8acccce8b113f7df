"""What wallet does on booking's word: points for orders, refund vouchers for remedies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from cinema.booking.v1 import events_pb2

from services.common import ids
from services.common.bus.events import Event, Subscription
from services.common.bus.failures import NeverApplicableError
from services.common.db import transaction as db
from services.common.errors import DomainError
from services.common.rpc.money import money_of
from services.wallet.domain.dates import parse_date
from services.wallet.domain.voucher import VoucherRequest
from services.wallet.use_cases.earn_points import EarnPoints
from services.wallet.use_cases.give_back_points import GiveBackPoints
from services.wallet.use_cases.issue_voucher import IssueVoucher
from services.wallet.use_cases.ports import Transaction, VoucherMismatchError

# Nobody waits for points or a voucher as for an answer, and most orders bring neither.
GATHER_MS = 200


@dataclass(frozen=True, slots=True)
class BookingConsumer:
    """Handlers of booking's events, inside the transaction of the inbox."""

    issue_voucher: IssueVoucher
    earn_points: EarnPoints
    give_back_points: GiveBackPoints
    join: Callable[[db.Transaction], Transaction]

    def subscription(self) -> Subscription:
        return Subscription(
            "booking",
            {
                "OrderConfirmed": self.order_confirmed,
                "OrderCancelled": self.order_given_back,
                "RemedyGiven": self.order_given_back,
                "RefundVoucherRequested": self.refund_voucher_requested,
            },
            gather_ms=GATHER_MS,
        )

    async def order_confirmed(self, tx: db.Transaction, event: Event) -> None:
        message = events_pb2.OrderConfirmed.FromString(event.payload)
        if not message.account_id:
            return
        until = message.cancellable_until.ToDatetime(UTC)
        if not message.HasField("cancellable_until"):
            until = event.occur_time  # From before orders said it.
        try:
            await self.earn_points(
                self.join(tx),
                ids.parse(message.account_id, field="account_id"),
                ids.parse(message.order_id, field="order_id"),
                money_of(message.money_paid),
                until,
            )
        except (DomainError, ValueError) as error:
            raise NeverApplicableError(str(error)) from error

    async def order_given_back(self, tx: db.Transaction, event: Event) -> None:
        """Both messages name the order in the same field."""
        message = events_pb2.OrderCancelled.FromString(event.payload)
        try:
            order_id = ids.parse(message.order_id, field="order_id")
        except DomainError as error:
            raise NeverApplicableError(str(error)) from error
        await self.give_back_points(self.join(tx), order_id)

    async def refund_voucher_requested(self, tx: db.Transaction, event: Event) -> None:
        request = _request_of(events_pb2.RefundVoucherRequested.FromString(event.payload))
        try:
            await self.issue_voucher(self.join(tx), request)
        except VoucherMismatchError as error:
            raise NeverApplicableError(str(error)) from error


def _request_of(message: events_pb2.RefundVoucherRequested) -> VoucherRequest:
    try:
        request = VoucherRequest(
            remedy_id=ids.parse(message.remedy_id, field="remedy_id"),
            order_id=ids.parse(message.order_id, field="order_id"),
            account_id=(
                ids.parse(message.account_id, field="account_id") if message.account_id else None
            ),
            value=money_of(message.value),
            last_screening_date=parse_date(message.last_screening_date),
        )
    except (DomainError, ValueError) as error:
        raise NeverApplicableError(str(error)) from error
    if request.value.minor_units <= 0:
        raise NeverApplicableError("A voucher has a value above zero.")
    return request
