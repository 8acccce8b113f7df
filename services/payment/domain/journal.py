"""The double-entry journal: what came in, and what it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money
from services.payment.domain.lines import LineKind


class Account(StrEnum):
    """The plan of accounts. A debit is more than zero, a credit less."""

    # What the provider holds for us.
    PROVIDER_CLEARING = "provider_clearing"
    # What the tills hold.
    TILL_CLEARING = "till_clearing"
    # What was sold.
    TICKET_SALES = "ticket_sales"
    SUPPLEMENT_SALES = "supplement_sales"
    SERVICE_FEES = "service_fees"
    GOODS_SALES = "goods_sales"
    PREPAID_CARD_SALES = "prepaid_card_sales"
    # What is owed, and what was sold for it.
    REFUNDS_PAYABLE = "refunds_payable"
    VOUCHERS_ISSUED = "vouchers_issued"
    VOUCHERS_SPENT = "vouchers_spent"
    LAPSED_REMEDIES = "lapsed_remedies"
    # What was taken and granted by nobody.
    EXCEPTIONS = "exceptions"


class EntryKind(StrEnum):
    """Why an entry was made."""

    CAPTURE = "CAPTURE"
    CONVERSION = "CONVERSION"
    EXCEPTION = "EXCEPTION"
    REFUND = "REFUND"
    REFUND_PAID = "REFUND_PAID"
    LAPSE = "LAPSE"
    VOUCHER_SPENT = "VOUCHER_SPENT"


SALES = {
    LineKind.TICKETS: Account.TICKET_SALES,
    LineKind.SUPPLEMENTS: Account.SUPPLEMENT_SALES,
    LineKind.SERVICE_FEES: Account.SERVICE_FEES,
    LineKind.GOODS: Account.GOODS_SALES,
    LineKind.PREPAID_CARDS: Account.PREPAID_CARD_SALES,
}


class UnbalancedEntryError(AssertionError):
    """The postings of an entry do not sum to zero in one currency: a bug."""


@dataclass(frozen=True, slots=True)
class Posting:
    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact in the books. `key` makes it unique for ever, such as `capture:<order>`."""

    kind: EntryKind
    key: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        currencies = {posting.amount.currency for posting in self.postings}
        total = sum(posting.amount.minor_units for posting in self.postings)
        if len(currencies) != 1 or total != 0:
            raise UnbalancedEntryError(self.key)

    @property
    def currency(self) -> str:
        return self.postings[0].amount.currency


Parts = Iterable[tuple[LineKind, int]]


def transfer(kind: EntryKind, key: str, amount: Money, *, debit: Account, credit: Account) -> Entry:
    """Make the entry that debits one account and credits another."""
    return Entry(kind, key, (Posting(debit, amount), Posting(credit, -amount)))


def capture_entry(ext_order_id: str, amount: Money, parts: Parts) -> Entry:
    """Record money that the provider took for a granted purchase, by what was sold."""
    sold = (
        Posting(SALES[kind], Money(amount.currency, -minor_units)) for kind, minor_units in parts
    )
    clearing = Posting(Account.PROVIDER_CLEARING, amount)
    return Entry(EntryKind.CAPTURE, f"capture:{ext_order_id}", (clearing, *sold))


def _from_sales(kind: EntryKind, key: str, amount: Money, parts: Parts, credit: Account) -> Entry:
    returned = (Posting(SALES[sold], Money(amount.currency, part)) for sold, part in parts)
    return Entry(kind, key, (Posting(credit, -amount), *returned))


def conversion_entry(spending_id: object, amount: Money, parts: Parts) -> Entry:
    """Record that a part of a sale became a refund voucher."""
    key = f"conversion:{spending_id}"
    return _from_sales(EntryKind.CONVERSION, key, amount, parts, Account.VOUCHERS_ISSUED)


def lapse_entry(spending_id: object, amount: Money, parts: Parts) -> Entry:
    """Record that nobody asked for the remedy of a part of a sale."""
    key = f"lapse:{spending_id}"
    return _from_sales(EntryKind.LAPSE, key, amount, parts, Account.LAPSED_REMEDIES)


def refund_entry(refund_id: object, amount: Money, parts: Parts) -> Entry:
    """Record that a part of a sale is owed to who paid it."""
    key = f"refund:{refund_id}"
    return _from_sales(EntryKind.REFUND, key, amount, parts, Account.REFUNDS_PAYABLE)


def refund_paid_entry(refund_id: object, amount: Money) -> Entry:
    """Record that the provider gave the money back."""
    return transfer(
        EntryKind.REFUND_PAID,
        f"refund-paid:{refund_id}",
        amount,
        debit=Account.REFUNDS_PAYABLE,
        credit=Account.PROVIDER_CLEARING,
    )


def exception_entry(ext_order_id: str, amount: Money) -> Entry:
    """Record money that the provider took and nobody granted."""
    return transfer(
        EntryKind.EXCEPTION,
        f"exception:{ext_order_id}",
        amount,
        debit=Account.PROVIDER_CLEARING,
        credit=Account.EXCEPTIONS,
    )


def exception_refund_entry(refund_id: object, amount: Money) -> Entry:
    """Record that money that nobody granted is owed to who paid it."""
    return transfer(
        EntryKind.REFUND,
        f"refund:{refund_id}",
        amount,
        debit=Account.EXCEPTIONS,
        credit=Account.REFUNDS_PAYABLE,
    )
