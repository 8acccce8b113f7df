"""Complaints and comments: what customers and staff see, over a real channel."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import box_office_service_pb2 as office_pb
from cinema.booking.v1.complaint_pb2 import Complaint

from services.booking.adapters.complaints import ComplaintReader
from services.booking.complaint_checks import complaint_checks
from services.booking.domain.order import Order
from services.booking.domain.remedy import window_end
from services.booking.order_checks import order_checks
from services.common.db.checks import run_checks
from services.common.mail.local_text import date_text
from services.common.mail.message import Rendered
from services.common.mail.queue import take_due
from tests.integration.booking.orders.conftest import MAX_COMMENTS, MAX_COMPLAINTS, Shop
from tests.integration.booking.orders.serving import AS_GUEST, GUEST, Calls
from tests.kit.booking_letters import complaint_mails, plain
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, TOKENS, a_purchase, an_order_key
from tests.kit.booking_rpc import Metadata, as_account, as_guest, as_staff, refused
from tests.kit.booking_seats import FakeCatalog

BUCHAREST = ZoneInfo("Europe/Bucharest")
TEXT = "The hall was cold, and nobody came."
CLERK = as_staff("customer_service", cinemas=["1818"])
OTHER_CLERK = as_staff("customer_service", cinemas=["1806"])
CHAIN_CLERK = as_staff("customer_service")
INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND


async def buy(shop: Shop, screening_id: Any, seat_id: str = "A1") -> Order:
    """A confirmed order of the guest who calls."""
    order = await shop.place(screening_id, [seat_id], owner=GUEST)
    await shop.pay(order)
    return await shop.drive(order)


def a_complaint(number: str, **fields: Any) -> pb.SubmitComplaintRequest:
    values: dict[str, Any] = {
        "kind": Complaint.KIND_COMPLAINT,
        "order_number": number,
        "scope": Complaint.SCOPE_SCREENING,
        "text": TEXT,
        "request_id": str(uuid4()),
    }
    return pb.SubmitComplaintRequest(**values | fields)


def a_comment(**fields: Any) -> pb.SubmitComplaintRequest:
    values = {"kind": Complaint.KIND_COMMENT, "reply_email": "ana@example.test", **fields}
    return a_complaint("", **values)


async def submit(
    calls: Calls, request: pb.SubmitComplaintRequest, caller: Metadata = AS_GUEST
) -> Complaint:
    answer: pb.SubmitComplaintResponse = await calls.booking.SubmitComplaint(
        request, metadata=caller
    )
    return answer.complaint


async def answer(calls: Calls, complaint: Complaint, caller: Metadata = CLERK) -> Complaint:
    request = office_pb.AnswerComplaintRequest(
        complaint_id=complaint.id,
        decision=Complaint.DECISION_ACCEPTED,
        text="You are right: we are sorry.",
        request_id=str(uuid4()),
    )
    answered: office_pb.AnswerComplaintResponse = await calls.office.AnswerComplaint(
        request, metadata=caller
    )
    return answered.complaint


async def listed(calls: Calls, caller: Metadata = CLERK, **fields: Any) -> list[str]:
    answer = await calls.office.ListComplaints(
        office_pb.ListComplaintsRequest(**fields), metadata=caller
    )
    return [complaint.number for complaint in answer.complaints]


async def rendered(shop: Shop) -> dict[str, tuple[str, Rendered]]:
    """Each e-mail about complaints that waits, by its kind: to whom, and what it says."""
    database = shop.process.database
    render = complaint_mails(ComplaintReader(database), shop.use.store)
    mails = [mail for mail in await take_due(database, 20) if "complaint_id" in mail.facts]
    return {mail.kind: (mail.recipient, await render(mail)) for mail in mails}


async def to_moment(shop: Shop, moment: datetime) -> None:
    now = await shop.process.database.fetchval("SELECT app_clock()")
    await shop.process.move_clock((moment - now).total_seconds())


@pytest.mark.rule("OTC-50")
@pytest.mark.rule("OTC-51")
async def test_a_complaint_is_taken_told_by_email_and_answered_by_email(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)

    taken = await submit(calls, a_complaint(order.number.lower().replace("-", " ")))
    received = (await rendered(shop))["complaint-received"]
    answered = await answer(calls, taken)
    told = (await rendered(shop))["complaint-answered"]
    seen = await calls.booking.GetComplaint(
        pb.GetComplaintRequest(complaint_id=taken.id), metadata=AS_GUEST
    )

    assert (taken.state, taken.timeliness) == (
        Complaint.STATE_OPEN,
        Complaint.TIMELINESS_IN_TIME,
    )
    assert (taken.order_id, taken.order_number) == (str(order.id), order.number)
    assert taken.purchase_time.ToDatetime(tzinfo=UTC) > order.created_at
    assert received[0] == told[0] == "ana@example.test"
    assert taken.number in received[1].subject
    assert date_text(date.fromisoformat(taken.due_date), "ro") in plain(received[1].text)
    assert "You are right: we are sorry." in told[1].text
    assert seen.complaint == answered
    assert answered.decision == Complaint.DECISION_ACCEPTED
    story = [entry.what for entry in (await shop.read(order)).timeline]
    assert story[-2:] == ["COMPLAINT_RECEIVED", "COMPLAINT_ANSWERED"]
    all_checks = {"booking": [*complaint_checks(), *order_checks()]}
    assert not await run_checks({"booking": shop.process.database}, all_checks, wait_s=0)


@pytest.mark.rule("OTC-49")
async def test_it_is_in_time_on_day_seven_and_taken_but_late_on_day_eight(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    bought_at = next(e.time for e in order.timeline if e.what == "ORDER_CONFIRMED")
    midnight = window_end(bought_at.astimezone(BUCHAREST).date().isoformat(), 7, BUCHAREST.key)

    await to_moment(shop, midnight - timedelta(seconds=30))
    in_time = await submit(calls, a_complaint(order.number))
    await to_moment(shop, midnight)
    late = await submit(calls, a_complaint(order.number))

    assert in_time.timeliness == Complaint.TIMELINESS_IN_TIME
    assert (late.timeliness, late.state) == (Complaint.TIMELINESS_LATE, Complaint.STATE_OPEN)
    assert late.due_date


@pytest.mark.rule("OTC-49")
async def test_an_order_that_never_was_confirmed_can_be_complained_about_from_its_placing(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await shop.place(screening_id, ["A1"], owner=GUEST)
    await shop.past_deadline()
    await shop.expire_due()

    taken = await submit(
        calls, a_complaint(order.number, scope=Complaint.SCOPE_CHARGED_WITHOUT_TICKET)
    )

    assert taken.purchase_time.ToDatetime(tzinfo=UTC) == order.created_at
    assert taken.timeliness == Complaint.TIMELINESS_IN_TIME


@pytest.mark.rule("OTC-50")
async def test_scope_and_order_number_are_needed_and_an_unknown_number_is_not_found(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)

    no_number = await refused(submit(calls, a_complaint("")))
    blank = await refused(submit(calls, a_complaint("  ")))
    no_scope = await refused(submit(calls, a_complaint(order.number, scope=0)))
    no_text = await refused(submit(calls, a_complaint(order.number, text=" ")))
    unknown = await refused(submit(calls, a_complaint("AAAA-AAAA")))
    foreign = await refused(submit(calls, a_complaint(order.number), as_guest()))

    assert {each.code for each in (no_number, blank, no_scope, no_text)} == {INVALID}
    assert [each.violations[0][0] for each in (no_number, blank, no_scope, no_text)] == [
        "order_number",
        "order_number",
        "scope",
        "text",
    ]
    assert (unknown.code, unknown.reason) == (NOT_FOUND, "ORDER_NUMBER_UNKNOWN")
    assert foreign == unknown
    assert await shop.count("complaint") == 0


@pytest.mark.rule("OTC-49")
async def test_who_lost_the_token_complains_through_customer_service_of_that_cinema(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    with_token = (*as_guest(), ("x-order-token", TOKENS.token_of(order.id)))

    by_staff = await submit(calls, a_complaint(order.number, reply_email="b@example.test"), CLERK)
    by_token = await submit(calls, a_complaint(order.number), with_token)
    elsewhere = await refused(submit(calls, a_complaint(order.number), OTHER_CLERK))
    mails = await shop.process.database.fetch("SELECT recipient FROM mail WHERE key LIKE 'compl%'")

    assert elsewhere.reason == "ORDER_NUMBER_UNKNOWN"
    assert by_staff.number != by_token.number
    assert {row["recipient"] for row in mails} == {"b@example.test", "ana@example.test"}
    actions = await shop.process.database.fetch("SELECT action, subject FROM audit")
    assert [tuple(row.values()) for row in actions] == [("SubmitComplaint", by_staff.id)]


@pytest.mark.rule("OTC-51")
async def test_the_due_date_leaves_out_the_holidays_of_the_cinemas_country(
    calls: Calls, shop: Shop, catalog: FakeCatalog, screening_id: Any
) -> None:
    catalog.answers[screening_id].cinema.country_code = "RO"
    order = await buy(shop, screening_id)
    before = date.fromisoformat((await submit(calls, a_complaint(order.number))).due_date)
    await shop.process.database.execute("UPDATE holiday_copy SET stale = true")
    shop.calendar.days["RO", before.year] = [before]

    after = date.fromisoformat((await submit(calls, a_complaint(order.number))).due_date)

    assert after > before
    assert after - before <= timedelta(days=3)
    assert {country for country, _ in shop.calendar.asked} == {"RO"}


@pytest.mark.rule("OTC-51")
async def test_catalogs_silence_delays_no_complaint_and_its_word_is_remembered(
    calls: Calls, shop: Shop, catalog: FakeCatalog, screening_id: Any
) -> None:
    catalog.answers[screening_id].cinema.country_code = "RO"
    order = await buy(shop, screening_id)
    shop.calendar.is_away = True

    without = await submit(calls, a_complaint(order.number))
    shop.calendar.is_away = False
    await submit(calls, a_complaint(order.number))
    asked = len(shop.calendar.asked)
    await submit(calls, a_complaint(order.number))

    assert without.due_date
    assert len(shop.calendar.asked) == asked


@pytest.mark.rule("OTC-51")
async def test_what_waits_too_long_is_on_the_overdue_list_until_it_is_answered(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    complaint = await submit(calls, a_complaint(order.number))
    await submit(calls, a_comment())
    midnight = datetime.fromisoformat(complaint.due_date).replace(tzinfo=BUCHAREST) + timedelta(
        days=1
    )

    await to_moment(shop, midnight - timedelta(seconds=30))
    just_before = await listed(calls, only_overdue=True)
    await to_moment(shop, midnight)
    overdue = await listed(calls, only_overdue=True)
    elsewhere = await listed(calls, OTHER_CLERK, only_overdue=True)
    await answer(calls, complaint)

    assert (just_before, overdue, elsewhere) == ([], [complaint.number], [])
    assert await listed(calls, only_overdue=True) == []
    assert await listed(calls, state=Complaint.STATE_ANSWERED) == [complaint.number]


async def test_complaints_are_listed_by_page_for_the_staff_of_their_cinema(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    numbers = [(await submit(calls, a_complaint(order.number))).number for _ in range(3)]
    comment = await submit(calls, a_comment())

    first = await calls.office.ListComplaints(
        office_pb.ListComplaintsRequest(page_size=2), metadata=CLERK
    )
    rest = await listed(calls, page_size=2, page_token=first.next_page_token)
    audited = await shop.count("audit WHERE action = 'ListComplaints'")
    usher = await refused(
        calls.office.ListComplaints(office_pb.ListComplaintsRequest(), metadata=as_staff("usher"))
    )

    assert [each.number for each in first.complaints] + rest == numbers
    assert audited == 3
    assert usher.code is grpc.StatusCode.PERMISSION_DENIED
    assert await listed(calls, CHAIN_CLERK, kind=Complaint.KIND_COMMENT) == [comment.number]
    assert await listed(calls, OTHER_CLERK) == []


async def test_it_is_answered_once_by_the_staff_of_its_cinema(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    complaint = await submit(calls, a_complaint(order.number))
    unknown = Complaint(id=str(uuid4()))

    elsewhere = await refused(answer(calls, complaint, OTHER_CLERK))
    nobodys = await refused(answer(calls, unknown))
    await answer(calls, complaint)
    twice = await refused(answer(calls, complaint))

    assert elsewhere.reason == "WRONG_CINEMA"
    assert (nobodys.code, nobodys.reason) == (NOT_FOUND, "COMPLAINT_NOT_FOUND")
    assert (twice.code.name, twice.reason) == ("FAILED_PRECONDITION", "COMPLAINT_ALREADY_ANSWERED")
    assert await shop.count("mail WHERE kind = 'complaint-answered'") == 1
    assert await shop.count("audit WHERE action = 'AnswerComplaint'") == 1


async def test_repeats_get_the_same_answers_and_leave_nothing_twice(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    request = a_complaint(order.number)

    first, second = await submit(calls, request), await submit(calls, request)
    request.text = "Something else."
    other = await refused(submit(calls, request))

    assert first == second
    assert other.reason == "REQUEST_ID_REUSED"
    assert await shop.count("complaint") == 1
    assert await shop.count("mail WHERE kind = 'complaint-received'") == 1


async def test_a_complaint_is_shown_to_its_people_and_to_nobody_else(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    hold = await shop.hold(screening_id, ["B1"], owner=ACCOUNT)
    purchase = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID)
    order = await shop.use.place_order(purchase, an_order_key(ACCOUNT))
    mine = as_account(ACCOUNT_ID)
    complaint = await submit(calls, a_complaint(order.number), mine)
    comment = await submit(calls, a_comment(), AS_GUEST)

    async def see(complaint_id: str, caller: Metadata) -> str:
        answer = await calls.booking.GetComplaint(
            pb.GetComplaintRequest(complaint_id=complaint_id), metadata=caller
        )
        return str(answer.complaint.text)

    allowed = [
        await see(complaint.id, mine),
        await see(complaint.id, CLERK),
        await see(comment.id, AS_GUEST),
        await see(comment.id, CHAIN_CLERK),
    ]
    denied = [
        await refused(see(complaint_id, caller))
        for complaint_id, caller in (
            (complaint.id, as_account(uuid4())),
            (complaint.id, AS_GUEST),
            (complaint.id, OTHER_CLERK),
            (comment.id, as_guest()),
            (comment.id, mine),
            (comment.id, CLERK),
            (str(uuid4()), mine),
        )
    ]

    assert allowed == [TEXT] * 4
    assert {(each.code, each.reason) for each in denied} == {(NOT_FOUND, "COMPLAINT_NOT_FOUND")}
    assert await shop.count("audit WHERE action = 'GetComplaint'") == 2


@pytest.mark.rule("OTC-45")
async def test_a_comment_needs_no_order_has_no_due_date_and_is_thanked_for(
    calls: Calls, shop: Shop
) -> None:
    comment = await submit(calls, a_comment(language_code="ro"))

    recipient, thanks = (await rendered(shop))["comment-received"]
    nobody = await refused(submit(calls, a_comment(reply_email="")))

    assert (comment.due_date, comment.timeliness) == ("", Complaint.TIMELINESS_UNSPECIFIED)
    assert not comment.HasField("purchase_time")
    assert recipient == "ana@example.test"
    assert "Vă mulțumim" in thanks.text
    assert nobody.violations[0][0] == "reply_email"


@pytest.mark.rule("OTC-45")
async def test_comments_of_one_caller_and_complaints_about_one_order_are_limited(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    comments = [a_comment() for _ in range(MAX_COMMENTS)]
    for comment in comments:
        await submit(calls, comment)
    for _ in range(MAX_COMPLAINTS):
        await submit(calls, a_complaint(order.number))

    too_many_comments = await refused(submit(calls, a_comment()))
    too_many_complaints = await refused(submit(calls, a_complaint(order.number)))
    repeated = await submit(calls, comments[0])

    assert (too_many_comments.code.name, too_many_comments.reason) == (
        "RESOURCE_EXHAUSTED",
        "TOO_MANY_COMPLAINTS",
    )
    assert (too_many_comments.retry_after_ms or 0) > 0
    assert too_many_complaints.reason == "TOO_MANY_COMPLAINTS"
    assert repeated.text == TEXT
    assert (await submit(calls, a_comment(), CHAIN_CLERK)).number


@pytest.mark.rule("OTC-48.4-6")
async def test_what_is_written_is_in_no_event_and_in_no_queued_email(
    calls: Calls, shop: Shop, screening_id: Any
) -> None:
    order = await buy(shop, screening_id)
    await answer(calls, await submit(calls, a_complaint(order.number)))
    database = shop.process.database

    events = await database.fetch("SELECT payload FROM outbox")
    facts = await database.fetch("SELECT facts::text AS facts FROM mail")
    timeline = await database.fetch("SELECT timeline::text AS timeline FROM customer_order")

    assert not any(b"cold" in row["payload"] or b"sorry" in row["payload"] for row in events)
    assert not any("cold" in row["facts"] or "sorry" in row["facts"] for row in facts)
    assert not any("cold" in row["timeline"] for row in timeline)
