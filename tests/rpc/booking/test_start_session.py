"""What a client sees of StartSession."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb

from tests.kit.booking_rpc import as_client, refused
from tests.rpc.booking.conftest import MAX_SESSIONS, Booking
from tests.rpc.booking.test_hold_seats import hold_request


def session_request() -> pb.StartSessionRequest:
    return pb.StartSessionRequest(request_id=str(uuid4()))


@pytest.mark.rule("OTC-12")
async def test_a_session_without_registration_is_enough_to_hold_seats(
    booking: Booking, screening_id: UUID
) -> None:
    session = await booking.stub.StartSession(session_request())

    held = await booking.stub.HoldSeats(
        hold_request(screening_id),
        metadata=(("authorization", f"Bearer {session.session_token}"),),
    )

    stored = booking.seats.holds[UUID(held.hold.id)]
    assert stored.owner.startswith("guest:")
    assert stored.channel == "WEB"
    assert session.expire_time.seconds > 0


@pytest.mark.rule("OTC-1b")
@pytest.mark.parametrize(("claim", "channel"), [("APP", "APP"), ("WEB", "WEB"), ("KIOSK", "WEB")])
async def test_the_apps_own_token_starts_sessions_of_the_app(
    booking: Booking, screening_id: UUID, claim: str, channel: str
) -> None:
    session = await booking.stub.StartSession(session_request(), metadata=as_client(claim))

    held = await booking.stub.HoldSeats(
        hold_request(screening_id),
        metadata=(("authorization", f"Bearer {session.session_token}"),),
    )

    assert booking.seats.holds[UUID(held.hold.id)].channel == channel


async def test_one_address_starts_so_many_sessions_and_no_more(booking: Booking) -> None:
    answers = [booking.stub.StartSession(session_request()) for _ in range(MAX_SESSIONS // 4)]
    for answer in answers:
        await answer

    refusal = await refused(booking.stub.StartSession(session_request()))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_SESSIONS",
    )
    assert refusal.retry_after_ms
