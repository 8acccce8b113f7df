"""Settings that all services share; each service adds its own in its `config.py`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from services.common.settings_sources import (
    SecretFiles,
    SettingsError,
    holds_a_secret,
    refuse_unknown_variables,
)

__all__ = ["HostPort", "LogLevel", "Loop", "ServiceSettings", "SettingsError"]

HostPort = Annotated[str, Field(pattern=r"^(|[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})$")]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]


class Loop(StrEnum):
    """Which event loop runs the process."""

    UVLOOP = "uvloop"
    ASYNCIO = "asyncio"


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ServiceSettings(BaseSettings):
    """Settings of one service, read once from `PARTERRE_<NAME>_*` by `load`.

    A subclass sets `service_name` and adds fields. Secrets are `SecretStr` and may also be given
    as a file: `..._FILE`. An unknown variable with the prefix is refused.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_ignore_empty=False)

    service_name: ClassVar[str] = "service"

    # Addresses; "" means none.
    listen: HostPort = "127.0.0.1:0"
    own_listen: HostPort = ""
    metrics_listen: HostPort = ""
    catalog_address: HostPort = ""
    booking_address: HostPort = ""
    wallet_address: HostPort = ""
    payment_address: HostPort = ""

    # Stores.
    database_url: SecretStr = SecretStr("")
    migration_database_url: SecretStr = SecretStr("")
    redis_url: SecretStr = SecretStr("")
    nats_url: SecretStr = SecretStr("")

    # Identities. The key files hold JWKS (public keys) or PEM (own private key).
    token_keys_file: Path | None = None
    token_issuer: str = "parterre-identity"  # noqa: S105 - a name
    token_audience: str = "parterre"  # noqa: S105 - a name
    service_keys_file: Path | None = None
    service_key_file: Path | None = None
    session_keys_file: Path | None = None
    session_issuer: str = "parterre-booking"
    token_leeway_s: Annotated[int, Field(ge=0, le=300)] = 30
    max_cached_tokens: Count = 20_000

    # Switches.
    reflection: bool = False
    test_clock: bool = False
    log_level: LogLevel = LogLevel.INFO
    otlp_endpoint: str = ""
    loop: Loop = Loop.UVLOOP

    # Database limits.
    database_pool_size: Count = 16
    database_pool_timeout_ms: Milliseconds = 2_000
    statement_timeout_ms: Milliseconds = 10_000
    lock_timeout_ms: Milliseconds = 3_000
    idle_in_transaction_timeout_ms: Milliseconds = 10_000
    max_transaction_attempts: Count = 3

    # Call limits.
    default_call_timeout_ms: Milliseconds = 5_000
    max_call_timeout_ms: Milliseconds = 30_000
    min_call_timeout_ms: Milliseconds = 20
    max_stream_age_ms: Milliseconds = 900_000
    max_request_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = 1024 * 1024
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = 4 * 1024 * 1024
    max_in_flight_calls: Count = 64
    max_queued_calls: Annotated[int, Field(ge=0, le=100_000)] = 1_000
    max_queue_wait_ms: Milliseconds = 3_000
    standing_queue_wait_ms: Milliseconds = 200
    max_open_streams: Count = 1_000
    max_write_wait_ms: Annotated[int, Field(ge=1, le=600_000)] = 10_000
    shed_door_wait_ms: Annotated[int, Field(ge=1, le=10_000)] = 500
    shed_call_age_ms: Annotated[int, Field(ge=1, le=30_000)] = 300
    max_calls_per_connection: Count = 1_024

    # Calls to peers.
    peer_call_timeout_ms: Milliseconds = 4_000
    peer_deadline_margin_ms: Milliseconds = 50

    # How often workers look for what has become due, all in one statement.
    look_interval_ms: Annotated[int, Field(ge=50, le=60_000)] = 500

    # What need not be kept is deleted now and then (workers).
    retention_interval_s: Annotated[int, Field(ge=1, le=86_400)] = 600
    requests_kept_h: Annotated[int, Field(ge=1, le=8_760)] = 48
    # The same in all services: an inbox knows for a week longer what a feed can still list.
    events_kept_days: Days = 14
    settled_dead_events_kept_days: Days = 90
    sent_mails_kept_days: Days = 7
    given_up_mails_kept_days: Days = 30

    # Start and stop.
    readiness_interval_ms: Annotated[int, Field(ge=50, le=60_000)] = 5_000
    readiness_timeout_ms: Annotated[int, Field(ge=50, le=60_000)] = 2_000
    drain_notice_ms: Milliseconds = 0
    drain_grace_ms: Milliseconds = 10_000

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.model_config["env_prefix"] = cls.prefix()

    @classmethod
    def prefix(cls) -> str:
        return f"PARTERRE_{cls.service_name.upper()}_"

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises SettingsError naming every wrong or unknown variable."""
        refuse_unknown_variables(cls, cls.prefix())
        try:
            return cls()
        except ValidationError as error:
            wrong = "; ".join(
                f"{cls.prefix()}{'_'.join(str(part) for part in problem['loc']).upper()}: "
                f"{problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
            raise SettingsError(wrong) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, SecretFiles(settings_cls, cls.prefix())

    def redacted(self) -> dict[str, object]:
        """All settings for printing, with secrets replaced."""
        fields = type(self).model_fields
        return {
            name: "***" if holds_a_secret(fields[name]) else value
            for name, value in self.model_dump(mode="json").items()
        }
