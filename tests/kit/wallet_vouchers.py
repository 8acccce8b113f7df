"""Refund vouchers of a running wallet, issued as booking asks for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from cinema.type.v1 import money_pb2
from cinema.wallet.v1 import tender_service_pb2 as pb

from services.common.ids import new_id
from services.common.money import Money
from services.wallet.domain.voucher import VoucherRequest
from services.wallet.use_cases.issue_voucher import IssueVoucher
from tests.kit.wallet_server import Wallet, a_screening, as_booking


@dataclass(frozen=True)
class HeldVoucher:
    """A voucher with its code."""

    id: UUID
    code: str


def ron(minor_units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="RON", minor_units=minor_units)


async def a_voucher(
    wallet: Wallet,
    value: int = 5_000,
    *,
    account_id: UUID | None = None,
    last_date: date = date(2027, 5, 20),
) -> HeldVoucher:
    """Issue one and read its code, as booking does when it sends it."""
    parts = wallet.parts
    request = VoucherRequest(uuid4(), uuid4(), account_id, Money("RON", value), last_date)
    issue = IssueVoucher(parts.codes, new_id, parts.settings.voucher_product_code)
    async with parts.transactions() as tx:
        await issue(tx, request)
        await tx.commit()
    voucher_id = await wallet.database.fetchval(
        "SELECT id FROM voucher WHERE remedy_id = $1", request.remedy_id
    )
    answer = await wallet.tenders.GetVoucherCode(
        pb.GetVoucherCodeRequest(voucher_id=str(voucher_id)), metadata=as_booking()
    )
    return HeldVoucher(voucher_id, answer.voucher_code)


async def find(
    wallet: Wallet,
    code: str = "",
    *,
    voucher_id: UUID | None = None,
    account_id: UUID | None = None,
    principal: str = "guest:1",
    currency: str = "RON",
    **facts: Any,
) -> pb.FindVoucherResponse:
    """Ask for a voucher as booking does for a buyer."""
    request = pb.FindVoucherRequest(
        voucher_code=code,
        voucher_id=str(voucher_id) if voucher_id else "",
        account_id=str(account_id) if account_id else "",
        principal=principal,
        peer_address="ipv4:10.0.0.1:1",
        screening=a_screening(**facts),
        currency_code=currency,
    )
    return await wallet.tenders.FindVoucher(request, metadata=as_booking())


def a_spending(
    voucher_id: UUID,
    amount: int,
    *,
    key: pb.LegKey | None = None,
    account_id: UUID | None = None,
    currency: str = "RON",
    **facts: Any,
) -> pb.ReserveVoucherRequest:
    """Make a request that reserves value of a voucher."""
    return pb.ReserveVoucherRequest(
        key=key or a_voucher_key(),
        account_id=str(account_id) if account_id else "",
        voucher_id=str(voucher_id),
        screening=a_screening(**facts),
        amount=money_pb2.Money(currency_code=currency, minor_units=amount),
        request_id=str(uuid4()),
    )


def a_voucher_key() -> pb.LegKey:
    return pb.LegKey(order_id=str(uuid4()), leg="voucher-1", attempt=1)


async def reserve(wallet: Wallet, request: pb.ReserveVoucherRequest) -> pb.ReserveVoucherResponse:
    return await wallet.tenders.ReserveVoucher(request, metadata=as_booking())


async def balances(wallet: Wallet, voucher_id: UUID) -> tuple[int, int, int]:
    """Value left, reserved and spent."""
    row = await wallet.database.fetchrow(
        "SELECT left_minor_units, reserved_minor_units, spent_minor_units FROM voucher"
        " WHERE id = $1",
        voucher_id,
    )
    assert row is not None
    return row[0], row[1], row[2]
