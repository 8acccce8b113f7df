"""Store what a step of a reservation moved."""

from collections.abc import Sequence

from services.wallet.domain.entries import PlaceEntry
from services.wallet.domain.reservation import Reservation
from services.wallet.domain.voucher import VoucherEntry, VoucherReservation
from services.wallet.use_cases.ports import Transaction


async def settle(
    tx: Transaction, reservation: Reservation, entries: Sequence[PlaceEntry], *, tells: bool
) -> None:
    """Save the new state with its entries and commit; without entries there is nothing to do."""
    if not entries or reservation.subject is None:
        return
    await tx.reservations.save_state(reservation)
    await tx.cards.post(reservation.subject.card_id, reservation.key, entries, tells=tells)
    await tx.commit()


async def settle_value(
    tx: Transaction,
    reservation: VoucherReservation,
    entries: Sequence[VoucherEntry],
    *,
    tells: bool,
) -> None:
    """Do the same for the value of a voucher."""
    if not entries:
        return
    await tx.reservations.save_state(reservation)
    await tx.vouchers.post(reservation, entries, tells=tells)
    await tx.commit()
