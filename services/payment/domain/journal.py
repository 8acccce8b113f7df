"""The double-entry journal: what came in, and what it is."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from services.common.money import Money


class Account(StrEnum):
    """The plan of accounts. A debit is more than zero, a credit less."""

    PROVIDER_CLEARING = "provider_clearing"
    TICKET_SALES = "ticket_sales"
    VOUCHERS_ISSUED = "vouchers_issued"
    EXCEPTIONS = "exceptions"


class EntryKind(StrEnum):
    """Why an entry was made."""

    CAPTURE = "CAPTURE"
    CONVERSION = "CONVERSION"
    EXCEPTION = "EXCEPTION"


class UnbalancedEntryError(AssertionError):
    """The postings of an entry do not sum to zero in each currency: a bug."""


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
        sums: Counter[str] = Counter()
        for posting in self.postings:
            sums[posting.amount.currency] += posting.amount.minor_units
        if not self.postings or any(sums.values()):
            raise UnbalancedEntryError(self.key)


def transfer(kind: EntryKind, key: str, amount: Money, *, debit: Account, credit: Account) -> Entry:
    """Make the entry that debits one account and credits another."""
    return Entry(kind, key, (Posting(debit, amount), Posting(credit, -amount)))


def capture_entry(ext_order_id: str, amount: Money) -> Entry:
    """Record money that the provider took for a granted purchase."""
    return transfer(
        EntryKind.CAPTURE,
        f"capture:{ext_order_id}",
        amount,
        debit=Account.PROVIDER_CLEARING,
        credit=Account.TICKET_SALES,
    )


def conversion_entry(spending_id: object, amount: Money) -> Entry:
    """Record that a part of a sale became a refund voucher."""
    return transfer(
        EntryKind.CONVERSION,
        f"conversion:{spending_id}",
        amount,
        debit=Account.TICKET_SALES,
        credit=Account.VOUCHERS_ISSUED,
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
