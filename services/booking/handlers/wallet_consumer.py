"""What booking does when the wallet has issued a voucher."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cinema.wallet.v1 import events_pb2

from services.booking.use_cases.order_ports import LockedOrders
from services.booking.use_cases.request_remedy import TakeVoucher
from services.common.bus.events import Event, Subscription
from services.common.db.transaction import Transaction

WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class WalletConsumer:
    """Handlers of the wallet's events."""

    orders: Callable[[Transaction], LockedOrders]
    take_voucher: TakeVoucher

    def subscription(self) -> Subscription:
        return Subscription(WALLET, {"VoucherIssued": self.voucher_issued})

    async def voucher_issued(self, tx: Transaction, event: Event) -> None:
        issued = events_pb2.VoucherIssued.FromString(event.payload)
        await self.take_voucher(
            self.orders(tx),
            UUID(issued.order_id),
            UUID(issued.remedy_id),
            UUID(issued.voucher_id),
        )
