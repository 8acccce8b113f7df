"""Cinemas and halls as messages, and back."""

from cinema.catalog.v1 import cinema_pb2

from services.catalog.domain.cinema import Cinema, FeedRules, Hall
from services.catalog.handlers.requests import id_or_empty
from services.common.errors import FieldViolation, InvalidRequestError


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
    )


def hall_to_proto(hall: Hall) -> cinema_pb2.Hall:
    return cinema_pb2.Hall(
        id=str(hall.id),
        cinema_id=hall.cinema_id,
        name=hall.name,
        seat_plan_id=id_or_empty(hall.seat_plan_id),
        capacity=hall.capacity,
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
    )


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
