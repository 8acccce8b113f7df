"""Settings of booking: `PARTERRE_BOOKING_*`."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from services.booking.domain.caller_limits import CallerLimits
from services.common.config import Count, Days, HostPort, Milliseconds, ServiceSettings

Seconds = Annotated[int, Field(ge=1, le=365 * 24 * 3_600)]


class BookingSettings(ServiceSettings):
    """What booking needs besides the settings that all services share."""

    service_name: ClassVar[str] = "booking"

    # Guests' sessions.
    session_key_file: Path | None = None
    session_lifetime_s: Seconds = 24 * 3_600
    max_sessions_per_address: Count = 600
    session_limit_period_s: Seconds = 60

    # Seats.
    max_holds_per_caller: Count = 5
    max_ordered_holds_per_caller: Count = 50
    max_seats_held_per_caller: Count = 50
    max_released_holds_per_caller: Count = 20
    released_holds_period_s: Annotated[int, Field(ge=1, le=3_600)] = 600
    max_seat_map_age_ms: Annotated[int, Field(ge=0, le=50)] = 50
    # A lapsed hold is free within a second, its board locked at first or not.
    look_interval_ms: Annotated[int, Field(ge=50, le=60_000)] = 400
    tender_call_timeout_ms: Milliseconds = 1_500

    # Streams.
    max_open_streams: Count = 4_000
    max_watches_per_caller: Count = 10
    max_watches_per_address: Count = 200
    max_watchers_per_subject: Count = 2_500
    watch_look_interval_ms: Annotated[int, Field(ge=20, le=60_000)] = 250
    seat_map_message_interval_ms: Annotated[int, Field(ge=500, le=60_000)] = 500
    order_message_interval_ms: Annotated[int, Field(ge=10, le=60_000)] = 100
    watch_heartbeat_interval_ms: Annotated[int, Field(ge=500, le=300_000)] = 10_000
    max_watch_age_ms: Annotated[int, Field(ge=1_000, le=86_400_000)] = 600_000

    # Orders, tickets, e-mails.
    order_call_timeout_ms: Milliseconds = 3_500
    max_background_orders: Count = 64
    # By how much orders in payment are lengthened, once, while the provider does not answer.
    outage_extension_s: Annotated[int, Field(ge=0, le=300)] = 300
    shed_order_age_ms: Annotated[int, Field(ge=1, le=60_000)] = 600
    # How often an order's confirmation is sent again, whoever asks.
    max_resent_confirmations: Count = 10
    resent_confirmations_period_s: Seconds = 24 * 3_600
    ticket_key_file: Path | None = None
    ticket_public_keys_file: Path | None = None
    order_token_secret_file: Path | None = None
    smtp_address: HostPort = ""
    mail_from: str = ""
    public_url: str = ""

    # Complaints and comments.
    max_complaints_per_order: Count = 10
    max_comments_per_caller: Count = 5
    max_comments_per_address: Count = 30
    comment_limit_period_s: Seconds = 3_600

    # Images of tickets' codes: where their process listens, and where its address begins outside.
    image_listen: HostPort = ""
    image_url: str = ""

    # Wallet's and payment's time for one call about a person.
    privacy_call_timeout_ms: Milliseconds = 4_000

    # How long what names persons is kept: contacts after their screening, words after the answer.
    contacts_kept_days: Days = 1_095
    unpaid_contacts_kept_days: Days = 30
    complaints_kept_days: Days = 1_095
    comments_kept_days: Days = 365
    privacy_records_kept_days: Days = 1_095

    # The doors.
    entry_opens_before_s: Annotated[int, Field(ge=0, le=24 * 3_600)] = 1_800
    late_entry_limit_s: Annotated[int, Field(ge=0, le=24 * 3_600)] = 0
    min_age_checked_years: Annotated[int, Field(ge=1, le=99)] = 12
    max_calls_per_door_device: Count = 1_200
    door_limit_period_s: Seconds = 60

    def caller_limits(self) -> CallerLimits:
        """Give the bounds of what one caller may hold."""
        return CallerLimits(
            max_holds=self.max_holds_per_caller,
            max_ordered_holds=self.max_ordered_holds_per_caller,
            max_seats=self.max_seats_held_per_caller,
            max_released_holds=self.max_released_holds_per_caller,
            released_holds_period_s=self.released_holds_period_s,
        )
