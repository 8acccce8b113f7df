"""Settings of wallet: `PARTERRE_WALLET_*`."""

from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from services.common.config import Count, Days, HostPort, ServiceSettings

Seconds = Annotated[int, Field(ge=1, le=365 * 24 * 3_600)]


class WalletSettings(ServiceSettings):
    """What wallet needs besides the settings that all services share."""

    service_name: ClassVar[str] = "wallet"

    # The keys of card numbers and voucher codes: a JSON file outside of the database.
    code_keys_file: Path | None = None

    # How often codes may be tried, in each period. A gateway calls for many people from one address.
    attempt_period_s: Seconds = 600
    max_attempts_per_caller: Count = 20
    max_attempts_per_address: Count = 600
    max_attempts_per_code: Count = 10

    # Cards and places. The zone says which date it is today when an expired place is given back.
    max_listed_cards: Annotated[int, Field(ge=1, le=500)] = 500
    grace_period_days: Annotated[int, Field(ge=1, le=3_650)] = 60
    time_zone: str = "Europe/Bucharest"
    # Whether a show after midnight counts as the day before for how long places last.
    valid_by_business_day: bool = False
    voucher_product_code: Annotated[str, Field(pattern="^[a-z0-9-]{2,32}$")] = "refund-voucher"

    # Points: what an order brings by the money that it cost, and how long points last.
    points_per_1000_minor_units: Annotated[int, Field(ge=0, le=100_000)] = 10
    points_valid_days: Annotated[int, Field(ge=1, le=3_650)] = 365
    invitation_product_code: Annotated[str, Field(pattern="^[a-z0-9-]{2,32}$")] = "invitation"
    birthday_product_code: Annotated[str, Field(pattern="^[a-z0-9-]{2,32}$")] = "birthday"
    points_interval_ms: Annotated[int, Field(ge=50, le=3_600_000)] = 60_000
    max_settled_accounts: Count = 200

    # Cards bought online: how long their payment page is open, and how long they can be given back.
    purchase_open_s: Annotated[int, Field(ge=60, le=3_600)] = 900
    withdrawal_period_days: Annotated[int, Field(ge=0, le=365)] = 14
    payment_call_timeout_ms: Annotated[int, Field(ge=100, le=30_000)] = 5_000
    purchase_again_after_s: Seconds = 5
    max_purchases_at_once: Count = 50
    # How long it is kept who bought a card, and who began to.
    buyers_kept_days: Days = 1_095
    unpaid_buyers_kept_days: Days = 30

    # Reminders before places and points expire, and e-mails; without an address none are sent.
    remind_before_days: Annotated[int, Field(ge=1, le=365)] = 14
    max_reminders_at_once: Count = 200
    smtp_address: HostPort = ""
    mail_from: str = ""

    # Reservations that nobody decided: when booking is asked, and how often.
    ask_after_s: Seconds = 60
    ask_again_after_s: Seconds = 30
    min_ask_after_s: Seconds = 5
    max_asked_at_once: Count = 50

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not an IANA time zone") from None
        return value
