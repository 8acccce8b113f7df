"""Use what a leg has reserved for good: CapturePlaces and CaptureVoucher."""

from dataclasses import dataclass

from services.wallet.domain.errors import ReservationNotFoundError
from services.wallet.domain.leg import LegKey, ReservationState
from services.wallet.domain.reservation import Reservation
from services.wallet.domain.voucher import VoucherReservation
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.settle import settle, settle_value


@dataclass(frozen=True, slots=True)
class CaptureLeg:
    """Use the places, or spend the value, and tell of it; done again it changes nothing."""

    transactions: Transactions

    async def __call__(self, key: LegKey) -> ReservationState:
        async with self.transactions() as tx:
            reservation = await tx.reservations.lock(key)
            match reservation:
                case None:
                    raise ReservationNotFoundError(*key)
                case Reservation():
                    await settle(tx, reservation, reservation.capture(), tells=True)
                case VoucherReservation():
                    await settle_value(tx, reservation, reservation.capture(), tells=True)
        return reservation.state
