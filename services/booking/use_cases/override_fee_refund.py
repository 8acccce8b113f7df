"""Give a service fee back although fees stay: when two of the cinema's staff say so."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.fee_override import FeeOverride, SecondPersonNeededError
from services.booking.domain.order import Order
from services.booking.domain.staff import Staff
from services.booking.use_cases.end_order import lock_order
from services.booking.use_cases.fee_ports import FeeTransactions
from services.booking.use_cases.order_ports import Kick, OrderStore, Retry
from services.common.money import Money
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class OverriddenFee:
    """Where it stands: the order, its fee, and who said what."""

    order: Order
    amount: Money
    override: FeeOverride


@dataclass(frozen=True, slots=True)
class OverrideFeeRefund:
    """The first call proposes, the call of somebody else carries it out: once for each order.

    ORDER_NOT_FOUND, WRONG_CINEMA, SECOND_PERSON_NEEDED, NO_FEE_TO_REFUND, FEE_ALREADY_REFUNDED.
    """

    orders: OrderStore
    transactions: FeeTransactions
    kick: Kick
    retry: Retry

    async def __call__(
        self, staff: Staff, order_id: UUID, reason: str, key: RequestKey
    ) -> OverriddenFee:
        known = await self.orders.read(order_id)
        staff.must_act_for(known.screening.cinema_id)

        async def override() -> OverriddenFee:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                order = await lock_order(tx, known.screening_id, order_id)
                amount = order.must_have_fee()
                proposed = await tx.fee_overrides.of(order)
                if proposed is None:
                    said = FeeOverride(staff.id, reason)
                    await tx.fee_overrides.propose(order, said)
                elif proposed.proposed_by == staff.id:
                    raise SecondPersonNeededError(order_id)
                else:
                    said = FeeOverride(proposed.proposed_by, proposed.reason, staff.id)
                    order.refund_fee()
                    await tx.fee_overrides.agree(order, staff.id, reason)
                    await tx.orders.save(order)
                result = OverriddenFee(order, amount, said)
                await tx.store(key, result)
                await tx.audit.add(staff, "OverrideFeeRefund", str(order_id), (said, reason))
                await tx.commit()
            return result

        result = await self.retry(override)
        if result.override.is_agreed:
            self.kick(order_id)
        return result
