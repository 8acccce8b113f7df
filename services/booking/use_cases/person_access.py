"""Whose data a caller may ask about. Somebody else's look as if they did not exist."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.domain.privacy import Person
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.privacy_ports import Asker
from services.common.errors import FieldViolation, InvalidRequestError


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """Finds out who is meant: the caller's account, a guest's order, or whom an officer names."""

    orders: OrderAccess

    async def person(self, asker: Asker, account_id: UUID | None, order_id: UUID | None) -> Person:
        """Give the person; INVALID_FIELD when nobody or somebody else is named, ORDER_NOT_FOUND."""
        if account_id is not None and order_id is not None:
            raise _invalid("order_id", "must be empty with an account")
        if order_id is not None:
            return await self._buyer(asker, order_id)
        own = asker.reader.account_id
        if asker.officer is None and account_id not in {None, own}:
            raise _invalid("account_id", "must be the caller's own")
        wanted = account_id if asker.officer else own
        if wanted is None:
            raise _invalid("order_id", "or an account must be named")
        return Person(account_id=wanted)

    async def _buyer(self, asker: Asker, order_id: UUID) -> Person:
        if asker.officer:
            order = await self.orders.orders.read(order_id, with_timeline=False)
        else:
            order = await self.orders.owned(order_id, asker.reader)
        if order.account_id is not None:
            raise OrderNotFoundError(order_id)
        return Person(order_id=order_id)


def _invalid(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(FieldViolation(f"person.{field}", problem))
