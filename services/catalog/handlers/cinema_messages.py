"""Cinemas and halls as messages, and back."""

from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import cinema_pb2

from services.catalog.domain.cinema import Cinema, ContactHours, FeedRules, Hall
from services.catalog.handlers.requests import id_or_empty, masked
from services.common.errors import FieldViolation, InvalidRequestError

# Path in the contract to name in the domain.
_CHANGEABLE = {
    name: name
    for name in (
        "name", "city", "phone", "time_zone", "formats", "cards_accepted", "sold_online",
        "policy_code", "address", "email", "contact_hours",
    )
} | {"currency_code": "currency"}  # fmt: skip


def cinema_to_proto(cinema: Cinema) -> cinema_pb2.Cinema:
    return cinema_pb2.Cinema(
        id=cinema.id,
        name=cinema.name,
        city=cinema.city,
        phone=cinema.phone,
        time_zone=cinema.time_zone,
        currency_code=cinema.currency,
        formats=cinema.formats,
        cards_accepted=cinema.cards_accepted,
        sold_online=cinema.sold_online,
        country_code=cinema.country_code,
        policy_code=cinema.policy_code,
        address=cinema.address,
        email=cinema.email,
        contact_hours=[_hours_to_proto(each) for each in cinema.contact_hours],
        etag=cinema.etag,
    )


def contact_info_to_proto(cinema: Cinema) -> cinema_pb2.ContactInfo:
    return cinema_pb2.ContactInfo(
        cinema_id=cinema.id,
        name=cinema.name,
        phone=cinema.phone,
        email=cinema.email,
        address=cinema.address,
        contact_hours=[_hours_to_proto(each) for each in cinema.contact_hours],
        time_zone=cinema.time_zone,
    )


def _hours_to_proto(hours: ContactHours) -> cinema_pb2.ContactHours:
    return cinema_pb2.ContactHours(
        weekdays=hours.weekdays, open_time=hours.open_time, close_time=hours.close_time
    )


def hall_to_proto(hall: Hall) -> cinema_pb2.Hall:
    return cinema_pb2.Hall(
        id=str(hall.id),
        cinema_id=hall.cinema_id,
        name=hall.name,
        seat_plan_id=id_or_empty(hall.seat_plan_id),
        capacity=hall.capacity,
        formats=hall.formats,
    )


def cinema_of(message: cinema_pb2.Cinema) -> Cinema:
    return Cinema(
        id=message.id,
        name=message.name,
        city=message.city,
        phone=message.phone,
        time_zone=message.time_zone,
        currency=message.currency_code,
        formats=tuple(message.formats),
        cards_accepted=message.cards_accepted,
        sold_online=message.sold_online,
        country_code=message.country_code,
        policy_code=message.policy_code,
        address=message.address,
        email=message.email,
        contact_hours=tuple(
            ContactHours(tuple(sorted(each.weekdays)), each.open_time, each.close_time)
            for each in message.contact_hours
        ),
    )


def cinema_changes_of(request: admin_pb.UpdateCinemaRequest) -> dict[str, object]:
    """Read the fields that an update names."""
    return masked(request.update_mask, cinema_of(request.cinema), _CHANGEABLE)


def rules_of(message: cinema_pb2.ImportProfile, cinema: cinema_pb2.Cinema) -> FeedRules:
    """Read the rules of a feed; INVALID_FIELD when they are another cinema's."""
    if message.cinema_id != cinema.id:
        raise InvalidRequestError(
            FieldViolation("import_profile.cinema_id", "must be the cinema's ID")
        )
    return FeedRules(
        message.advertising_minutes,
        message.cleaning_minutes,
        {each.token.lower(): each.rating for each in message.ratings},
    )
