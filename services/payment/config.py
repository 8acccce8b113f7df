"""Payment's settings: `PARTERRE_PAYMENT_*`."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from services.common.config import Count, HostPort, Milliseconds, ServiceSettings


class PaymentSettings(ServiceSettings):
    """Besides what all services have: the provider, its notifications, and how we wait."""

    service_name: ClassVar[str] = "payment"

    # The provider. `notify_url` is where it reaches our notifications from outside.
    payu_base_url: str = "https://secure.payu.com"
    points_of_sale_file: Path | None = None
    notify_url: str = ""
    notification_listen: HostPort = ""
    # Comma-separated. MD5 is the provider's own default and must be added for shops that use it.
    signature_algorithms: str = "SHA-256,SHA-384,SHA-512"
    max_notification_bytes: Annotated[int, Field(ge=1_024, le=1024 * 1024)] = 64 * 1024
    max_in_flight_notifications: Count = 32

    provider_connect_timeout_ms: Milliseconds = 1_500
    provider_call_timeout_ms: Milliseconds = 8_000
    provider_pool_wait_timeout_ms: Milliseconds = 2_000
    max_provider_connections: Count = 50
    max_provider_failures_in_a_row: Count = 5
    provider_breaker_open_ms: Milliseconds = 2_000
    availability_interval_ms: Annotated[int, Field(ge=50, le=60_000)] = 1_000

    # The page closes this long before the purchase's own deadline.
    page_margin_ms: Milliseconds = 20_000
    create_wait_ms: Milliseconds = 3_000
    capture_wait_ms: Milliseconds = 2_000
    decision_timeout_ms: Milliseconds = 3_000
    capture_again_ms: Milliseconds = 10_000
    max_background_tasks: Count = 1_000
    # What changes of payments sooner than this after the last statement waits, to share the next.
    min_save_interval_ms: Annotated[int, Field(ge=0, le=1_000)] = 25
    watch_interval_ms: Annotated[int, Field(ge=100, le=10_000)] = 500

    max_steps_at_once: Count = 20
    # Where the provider's own list of a day is read, page by page; empty: days are not compared.
    provider_list_url: str = ""
    audit_interval_ms: Annotated[int, Field(ge=1_000, le=86_400_000)] = 300_000
    notification_kept_days: Count = 30
