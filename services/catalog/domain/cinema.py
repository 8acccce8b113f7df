"""Cinemas, how their feeds are read, their halls, and the staff that acts for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.catalog.domain.errors import InvalidTimeZoneError, WrongCinemaError
from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.vocabularies import with_ratings
from services.common.errors import ConcurrentChangeError

EVERY_CINEMA = "*"


@dataclass(frozen=True, slots=True)
class ContactHours:
    """Hours of the cinema's clock, `HH:MM`, on days from 1 for Monday to 7 for Sunday."""

    weekdays: tuple[int, ...]
    open_time: str
    close_time: str


@dataclass(frozen=True, slots=True)
class Cinema:
    """A multiplex. `policy_code` names the terms, `country_code` the ratings and holidays.

    Two are equal when their data are, whatever their versions.
    """

    id: str
    name: str
    city: str
    phone: str
    time_zone: str
    currency: str
    formats: tuple[str, ...]
    cards_accepted: bool
    sold_online: bool
    country_code: str
    policy_code: str
    address: str = ""
    email: str = ""
    contact_hours: tuple[ContactHours, ...] = ()
    version: int = field(default=1, compare=False)

    @property
    def etag(self) -> str:
        return f"v{self.version}"

    def changed(self, etag: str, **changes: Any) -> Self:
        """Give it new data; CONCURRENT_CHANGE when the etag is not its own."""
        if etag != self.etag:
            raise ConcurrentChangeError(etag=self.etag)
        return replace(self, **changes)

    def zone(self) -> ZoneInfo:
        """Give the time zone; INVALID_TIME_ZONE when there is none of that name."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidTimeZoneError(self.time_zone) from None


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What the cinema's feed does not say; `ratings` maps the feed's tokens."""

    advertising_minutes: int
    cleaning_minutes: int
    ratings: Mapping[str, str]

    def profile_of(self, cinema: Cinema) -> ImportProfile:
        """Make what the feed's reader needs."""
        return ImportProfile(
            cinema_id=cinema.id,
            time_zone=cinema.zone(),
            currency=cinema.currency,
            vocabulary=with_ratings(self.ratings),
            advertising_minutes=self.advertising_minutes,
            cleaning_minutes=self.cleaning_minutes,
        )


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall; `name` is the feed's short one. Without a plan its `capacity` is 0.

    `formats` are those that it shows, none when nobody has said.
    """

    id: UUID
    cinema_id: str
    name: str
    seat_plan_id: UUID | None
    seat_plan_version: int
    capacity: int
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who acts: ID, roles, the cinemas of the token, the call's request ID."""

    id: str
    roles: tuple[str, ...]
    cinemas: frozenset[str]
    request_id: str

    def must_act_for(self, cinema_id: str) -> None:
        """Raise WRONG_CINEMA unless the token names the cinema."""
        if cinema_id not in self.cinemas and EVERY_CINEMA not in self.cinemas:
            raise WrongCinemaError(cinema_id)
