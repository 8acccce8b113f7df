"""Screenings as messages, and the filters of requests."""

from datetime import date, timedelta
from functools import lru_cache

from cinema.catalog.v1 import programme_service_pb2, screening_pb2

from services.catalog.domain.attributes import (
    LanguageKind,
    LanguageVersion,
    language_tokens,
    language_version,
)
from services.catalog.domain.errors import InvalidDateError
from services.catalog.domain.listing import ScreeningFilter
from services.catalog.domain.screening import Ending, NotSoldReason, Screening, ScreeningState
from services.catalog.handlers.requests import id_or_empty, optional_id
from services.common.rpc.times import timestamp_of

_STATES = {
    ScreeningState.SCHEDULED: screening_pb2.Screening.STATE_SCHEDULED,
    ScreeningState.CANCELLED: screening_pb2.Screening.STATE_CANCELLED,
    ScreeningState.TERMINATED: screening_pb2.Screening.STATE_TERMINATED,
}
_LANGUAGE_KINDS = {
    screening_pb2.LanguageVersion.KIND_ORIGINAL: LanguageKind.ORIGINAL,
    screening_pb2.LanguageVersion.KIND_SUBTITLED: LanguageKind.SUBTITLED,
    screening_pb2.LanguageVersion.KIND_DUBBED: LanguageKind.DUBBED,
    screening_pb2.LanguageVersion.KIND_VOICEOVER: LanguageKind.VOICEOVER,
}
_NOT_SOLD = {
    NotSoldReason.NONE: screening_pb2.Screening.NOT_SOLD_REASON_UNSPECIFIED,
    NotSoldReason.NO_SEAT_PLAN: screening_pb2.Screening.NOT_SOLD_REASON_NO_SEAT_PLAN,
    NotSoldReason.CATEGORY: screening_pb2.Screening.NOT_SOLD_REASON_CATEGORY,
    NotSoldReason.RATING: screening_pb2.Screening.NOT_SOLD_REASON_RATING,
    NotSoldReason.NO_PRICES: screening_pb2.Screening.NOT_SOLD_REASON_NO_PRICES,
    NotSoldReason.CINEMA: screening_pb2.Screening.NOT_SOLD_REASON_CINEMA,
    NotSoldReason.OVER: screening_pb2.Screening.NOT_SOLD_REASON_OVER,
}


def screening_to_proto(
    screening: Screening, sales_end_after_start: timedelta
) -> screening_pb2.Screening:
    """Pack a screening; sales end so long after its start."""
    film = screening.film
    return screening_pb2.Screening(
        id=str(screening.id),
        feed_id=screening.feed_id,
        cinema_id=screening.cinema_id,
        hall_id=str(screening.hall_id),
        hall_name=screening.hall_name,
        film=screening_pb2.Film(
            id=str(film.id),
            feed_id=film.feed_id,
            title=film.title,
            length_minutes=film.length_minutes,
            rating=screening.rating,
            event_kind=screening.event_kind,
        ),
        start_time=timestamp_of(screening.starts_at),
        end_time=timestamp_of(screening.ends_at),
        local_start=screening.local_start.isoformat(timespec="minutes"),
        business_day=screening.business_day.isoformat(),
        format=screening.format,
        language_tokens=screening.language_tokens,
        unknown_tokens=screening.unknown_tokens,
        category=screening.category,
        state=_STATES[screening.state],
        sold_online=screening.sold_online,
        not_sold_reason=_NOT_SOLD[screening.not_sold_reason],
        seat_plan_id=id_or_empty(screening.seat_plan_id),
        sales_start_time=timestamp_of(screening.sales_start_time),
        sales_end_time=timestamp_of(screening.sales_end_time(sales_end_after_start)),
        etag=screening.etag,
        version=screening.version,
        language_version=_language_version(screening.language_tokens),
        box_office_only=screening.box_office_only,
        formats=screening.formats,
        ending=_ending_to_proto(screening.ending) if screening.ending else None,
    )


# A handful of versions is shown at a time; the message is copied into the one that is made.
@lru_cache(maxsize=1_000)
def _language_version(tokens: tuple[str, ...]) -> screening_pb2.LanguageVersion | None:
    version = language_version(tokens)
    if version.kind is LanguageKind.UNKNOWN:
        return None
    return screening_pb2.LanguageVersion(
        kind=screening_pb2.LanguageVersion.Kind.Value(f"KIND_{version.kind}"),
        audio_languages=version.audio,
        subtitle_languages=version.subtitles,
    )


def _ending_to_proto(ending: Ending) -> screening_pb2.Ending:
    cause = f"CANCELLATION_CAUSE_{ending.cause or 'UNSPECIFIED'}"
    return screening_pb2.Ending(
        time=timestamp_of(ending.time),
        cause=screening_pb2.CancellationCause.Value(cause),
        reason=ending.reason,
        attributable=ending.attributable,
    )


def language_tokens_of(message: screening_pb2.LanguageVersion) -> tuple[str, ...]:
    """Read a language version as it is stored."""
    audio, subtitles = tuple(message.audio_languages), tuple(message.subtitle_languages)
    return language_tokens(LanguageVersion(_LANGUAGE_KINDS[message.kind], audio, subtitles))


def screening_filter_of(request: programme_service_pb2.ListScreeningsRequest) -> ScreeningFilter:
    """Read which screenings are wanted; INVALID_DATE for a day that no calendar has."""
    try:
        day = date.fromisoformat(request.date)
    except ValueError:
        raise InvalidDateError(request.date) from None
    return ScreeningFilter(
        cinema_id=request.cinema_id,
        film_id=optional_id(request.film_id, "film_id"),
        day=day,
        by_business_day=request.by_business_day,
        format=request.format,
        include_not_sold=request.include_not_sold,
        language=request.language,
        language_kind=_LANGUAGE_KINDS.get(request.language_kind),
    )
