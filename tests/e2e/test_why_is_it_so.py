"""Customer service finds an order, reads its story across the services, and answers a complaint."""

from uuid import uuid4

import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import box_office_service_pb2 as office
from cinema.booking.v1.complaint_pb2 import Complaint

from deploy.demo.buyer import Buyer
from deploy.demo.stage import CALL_TIMEOUT_S, until

pytestmark = pytest.mark.xdist_group("stack")


@pytest.mark.rule("OTC-49")
@pytest.mark.rule("OTC-51")
async def test_an_order_is_found_explained_and_its_complaint_answered_by_email(
    stage, house, screening
):
    buyer = await Buyer.guest(stage, "Ana")
    seats = (await house.free_seats(screening.id)).take(1)
    bought = await buyer.buy(screening.id, seats)
    clerk, calls = stage.staff("customer_service"), stage.bookings[0]

    found = await calls.FindOrders(
        pb.FindOrdersRequest(email=buyer.email), metadata=clerk, timeout=CALL_TIMEOUT_S
    )
    story = await calls.GetOrderStory(
        pb.GetOrderStoryRequest(order_id=bought.id), metadata=clerk, timeout=CALL_TIMEOUT_S
    )
    submitted = await calls.SubmitComplaint(
        pb.SubmitComplaintRequest(
            kind=Complaint.KIND_COMPLAINT,
            order_number=bought.number,
            scope=Complaint.SCOPE_SCREENING,
            text="The sound was too loud.",
            request_id=str(uuid4()),
        ),
        metadata=buyer.metadata(),
        timeout=CALL_TIMEOUT_S,
    )
    await stage.box_office.AnswerComplaint(
        office.AnswerComplaintRequest(
            complaint_id=submitted.complaint.id,
            decision=Complaint.DECISION_ACCEPTED,
            text="We have turned it down.",
            request_id=str(uuid4()),
        ),
        metadata=clerk,
        timeout=CALL_TIMEOUT_S,
    )

    async def received_and_answered():
        subjects = [mail["subject"] for mail in await stage.mails(buyer.email)]
        about = [each for each in subjects if submitted.complaint.number in each]
        return len(about) > 1 and about

    assert bought.id in {order.id for order in found.orders}
    assert not story.missing
    told = {(entry.service, entry.what) for entry in story.entries}
    assert {
        ("booking", "ORDER_CONFIRMED"),
        ("booking", "EVENT"),
        ("payment", "PAYMENT_CREATED"),
        ("payment", "ATTEMPT_GRANTED"),
        ("payment", "BOOKED"),
    } <= told
    assert all(entry.text for entry in story.entries)
    assert await until(received_and_answered, what="receipt and answer by e-mail")
