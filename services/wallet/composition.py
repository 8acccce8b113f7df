"""What the RPC and the worker processes of wallet share: database, bus, booking, codes."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from services.common.bus.connection import BusConnection, open_bus
from services.common.bus.events import Subscription
from services.common.bus.wake import RelayWaker
from services.common.config import SettingsError
from services.common.db.database import Database
from services.common.db.setup import open_database
from services.common.ids import new_id
from services.common.rpc.client import Peer, open_peer
from services.wallet.adapters.booking_client import BOOKING, BOOKING_SERVICES
from services.wallet.adapters.codes import CodeKeys, CodeKeysError, SealedCodes
from services.wallet.adapters.payment_client import PAYMENT, PAYMENT_SERVICES, PaymentClient
from services.wallet.adapters.purchases import PurchaseReader
from services.wallet.adapters.transactions import WalletTransactions
from services.wallet.config import WalletSettings
from services.wallet.domain.points import PointsPolicy
from services.wallet.handlers.booking_consumer import BookingConsumer
from services.wallet.handlers.payment_consumer import PaymentConsumer
from services.wallet.use_cases.capture_leg import CaptureLeg
from services.wallet.use_cases.complete_purchase import CompletePurchase
from services.wallet.use_cases.drive_purchases import DrivePurchases
from services.wallet.use_cases.earn_points import EarnPoints
from services.wallet.use_cases.give_back_points import GiveBackPoints
from services.wallet.use_cases.grant_birthday_places import GrantBirthdayPlaces
from services.wallet.use_cases.issue_voucher import IssueVoucher
from services.wallet.use_cases.release_leg import ReleaseLeg

MAX_BIRTHDAY_PLACES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that use cases are made of, one of each in a process."""

    settings: WalletSettings
    database: Database
    bus: BusConnection
    booking: Peer
    payment: Peer
    codes: SealedCodes
    transactions: WalletTransactions

    @property
    def capture_leg(self) -> CaptureLeg:
        return CaptureLeg(self.transactions)

    @property
    def release_leg(self) -> ReleaseLeg:
        return ReleaseLeg(self.transactions)

    @property
    def points_policy(self) -> PointsPolicy:
        settings = self.settings
        return PointsPolicy(settings.points_per_1000_minor_units, settings.points_valid_days)

    @property
    def grant_birthday_places(self) -> GrantBirthdayPlaces:
        return GrantBirthdayPlaces(
            self.transactions,
            self.codes,
            new_id,
            self.settings.birthday_product_code,
            MAX_BIRTHDAY_PLACES_AT_ONCE,
        )

    @property
    def payments(self) -> PaymentClient:
        return PaymentClient(self.payment, self.settings.payment_call_timeout_ms)

    @property
    def drive_purchases(self) -> DrivePurchases:
        settings = self.settings
        return DrivePurchases(
            self.transactions,
            PurchaseReader(self.database),
            self.payments,
            settings.max_purchases_at_once,
            timedelta(seconds=settings.purchase_again_after_s),
        )

    @property
    def ask_after(self) -> timedelta:
        return timedelta(seconds=self.settings.ask_after_s)


async def open_parts(settings: WalletSettings, stack: AsyncExitStack, *, role: str) -> Parts:
    """Open everything; the stack closes it. Nothing is waited for: readiness tells."""
    codes = SealedCodes(_code_keys(settings))
    bus = open_bus(settings, stack, role=role)
    database = open_database(settings, role=role, wake_relay=RelayWaker(bus, "wallet"))
    stack.push_async_callback(database.close)
    booking = open_peer(settings, BOOKING, settings.booking_address, BOOKING_SERVICES)
    stack.push_async_callback(booking.close)
    payment = open_peer(settings, PAYMENT, settings.payment_address, PAYMENT_SERVICES)
    stack.push_async_callback(payment.close)
    return Parts(
        settings=settings,
        database=database,
        bus=bus,
        booking=booking,
        payment=payment,
        codes=codes,
        transactions=WalletTransactions(database, settings.time_zone),
    )


def subscriptions(parts: Parts) -> list[Subscription]:
    """List what wallet wants to hear from the other services."""
    issue_voucher = IssueVoucher(parts.codes, new_id, parts.settings.voucher_product_code)
    earn_points = EarnPoints(parts.points_policy, new_id)
    consumer = BookingConsumer(
        issue_voucher, earn_points, GiveBackPoints(), parts.transactions.join
    )
    payments = PaymentConsumer(CompletePurchase(parts.codes, new_id), parts.transactions.join)
    return [consumer.subscription(), payments.subscription()]


def _code_keys(settings: WalletSettings) -> CodeKeys:
    if settings.code_keys_file is None:
        raise SettingsError("PARTERRE_WALLET_CODE_KEYS_FILE is needed")
    try:
        return CodeKeys.from_file(settings.code_keys_file)
    except (CodeKeysError, OSError) as error:
        raise SettingsError(f"PARTERRE_WALLET_CODE_KEYS_FILE: {error}") from None
