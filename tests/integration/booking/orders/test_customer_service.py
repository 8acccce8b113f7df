"""What customer service finds and corrects, over a real channel, on a real PostgreSQL."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.adapters.order_finder import statement_of
from services.booking.domain.contact_correction import MAX_CORRECTIONS
from services.booking.domain.order import Order
from services.booking.use_cases.find_orders import (
    ByEmail,
    ByName,
    ByNumber,
    ByScreening,
    Search,
)
from tests.integration.booking.orders.conftest import Shop
from tests.integration.booking.orders.serving import AS_GUEST, GUEST, Calls
from tests.kit.booking_orders import TOKENS, a_contact, a_purchase, an_order_key
from tests.kit.booking_rpc import as_account, as_guest, as_staff, refused
from tests.kit.booking_seats import CINEMA_ID, FakeCatalog, sales_facts

CLERK = as_staff("customer_service", cinemas=[CINEMA_ID])
MANAGER = as_staff("cinema_manager", cinemas=[CINEMA_ID])
OTHER_CLERK = as_staff("customer_service", cinemas=["1806"])
NEW = order_pb2.Contact(
    first_name="Ana", last_name="Ionescu", email="right@example.test", language_code="ro"
)


async def place(
    shop: Shop, screening_id: UUID, seat_id: str, *, owner: str = GUEST, **contact: str
) -> Order:
    """An unpaid order of somebody with that contact."""
    hold = await shop.hold(screening_id, [seat_id], owner=owner)
    purchase = replace(a_purchase(hold, owner=owner), contact=a_contact(**contact))
    return await shop.use.place_order(purchase, an_order_key(owner))


async def buy(shop: Shop, screening_id: UUID) -> Order:
    order = await shop.place(screening_id, ["A1"], owner=GUEST)
    await shop.pay(order)
    return await shop.drive(order)


async def found(calls: Calls, caller: Any = CLERK, **fields: Any) -> list[str]:
    answer = await calls.booking.FindOrders(pb.FindOrdersRequest(**fields), metadata=caller)
    return [order.number for order in answer.orders]


def by_name(last_name: str, first_name: str = "") -> dict[str, Any]:
    return {"name": pb.FindOrdersRequest.Name(last_name=last_name, first_name=first_name)}


def a_correction(order: Order, **fields: Any) -> pb.CorrectContactRequest:
    values: dict[str, Any] = {"contact": NEW, "request_id": str(uuid4()), **fields}
    return pb.CorrectContactRequest(order_id=str(order.id), **values)


async def correct(
    calls: Calls, request: pb.CorrectContactRequest, caller: Any = AS_GUEST
) -> order_pb2.Order:
    answer: pb.CorrectContactResponse = await calls.booking.CorrectContact(request, metadata=caller)
    return answer.order


async def test_orders_are_found_by_number_email_and_screening(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    first = await place(shop, screening_id, "A1", email="Ana.Pop@Example.test")
    second = await place(shop, screening_id, "B1", owner="guest:b", email="ana.pop@example.test")
    await place(shop, screening_id, "C1", owner="guest:c", email="pop@example.test")

    by_number = await found(calls, order_number=first.number.replace("-", "").lower())
    by_email = await found(calls, MANAGER, email="ANA.POP@example.test")
    of_screening = await found(calls, screening_id=str(screening_id))

    assert by_number == [first.number]
    assert by_email == [second.number, first.number]
    assert len(of_screening) == 3
    assert await found(calls, order_number="AAAA-AAAA") == []
    assert await found(calls, screening_id=str(uuid4())) == []


@pytest.mark.parametrize(
    ("last_name", "first_name", "numbers"),
    [
        ("stefanescu-ionita", "", [0]),
        ("ȘTEFĂNESCU IONIȚĂ", "", [0]),
        ("Ştefănescu", "", [1, 0]),
        ("stefan", "", [1, 0, 2]),
        ("Ștefan", "éva", [2]),
        ("STEFANESCU", "Ma", [1]),
        ("D'Amico", "", [3]),
        ("Amico", "", []),
        ("Ionita", "", []),
    ],
)
async def test_names_are_found_from_their_beginning_whatever_case_and_accents(
    calls: Calls,
    shop: Shop,
    screening_id: UUID,
    last_name: str,
    first_name: str,
    numbers: list[int],
) -> None:
    names = [
        ("Ștefănescu-Ioniță", "Maria"),
        ("Stefanescu", "Măriuca"),
        ("ȘTEFAN", "Eva"),
        ("d\u2019Amico", "Lia"),
    ]
    orders = [
        await place(
            shop, screening_id, f"{'ABCD'[place_]}1", owner=f"guest:{place_}", last_name=last,
            first_name=first,
        )
        for place_, (last, first) in enumerate(names)
    ]  # fmt: skip

    seen = await found(calls, **by_name(last_name, first_name))

    assert sorted(seen) == sorted(orders[number].number for number in numbers)


async def test_what_is_found_comes_in_pages_that_meet(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    orders = [
        await place(shop, screening_id, f"{row}1", owner=f"guest:{row}", last_name=name)
        for row, name in (("A", "Pop"), ("B", "Popa"), ("C", "Pop"), ("D", "Popescu"))
    ]
    for criterion in (
        by_name("pop"),
        {"email": "ana@example.test"},
        {"screening_id": str(screening_id)},
    ):
        whole = await found(calls, **criterion)
        pages: list[str] = []
        token = ""
        while not pages or token:
            answer = await calls.booking.FindOrders(
                pb.FindOrdersRequest(**criterion, page_size=1, page_token=token), metadata=CLERK
            )
            pages += [order.number for order in answer.orders]
            token = answer.next_page_token

        assert pages == whole
        assert sorted(whole) == sorted(order.number for order in orders)


@pytest.mark.rule("OTC-48.4-6")
async def test_staff_find_only_their_cinemas_orders_and_each_that_is_shown_is_audited(
    calls: Calls, shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    facts = sales_facts(uuid4())
    facts.screening.cinema_id = facts.cinema.id = "1806"
    elsewhere = catalog.publish(facts)
    here = await place(shop, screening_id, "A1")
    there = await place(shop, elsewhere, "A1", owner="guest:b")

    own = await found(calls, email="ana@example.test")
    others = await found(calls, OTHER_CLERK, email="ana@example.test")
    everywhere = await found(calls, as_staff("customer_service"), email="ana@example.test")
    audited = await shop.process.database.fetch(
        "SELECT subject FROM audit WHERE action = 'FindOrders' ORDER BY number"
    )

    assert (own, others) == ([here.number], [there.number])
    assert everywhere == [there.number, here.number]
    assert [row["subject"] for row in audited] == [
        str(here.id), str(there.id), str(there.id), str(here.id)
    ]  # fmt: skip


async def test_nobody_else_finds_orders_and_bad_criteria_are_named(calls: Calls) -> None:
    callers = (as_guest(), as_account(uuid4()), as_staff("usher"), as_staff("cashier"))
    denied = [await refused(found(calls, caller, order_number="K7QF-3M4D")) for caller in callers]
    bad = [
        await refused(found(calls, **fields))
        for fields in (
            {},
            {"order_number": ""},
            {"email": "nobody"},
            by_name("P"),
            {"screening_id": "here"},
        )
    ]

    assert {each.code for each in denied} == {grpc.StatusCode.PERMISSION_DENIED}
    assert {each.code for each in bad} == {grpc.StatusCode.INVALID_ARGUMENT}
    assert [each.violations[0][0] for each in bad] == [
        "by", "order_number", "email", "name.last_name", "screening_id"
    ]  # fmt: skip


async def test_looking_at_an_order_leaves_an_audit_row_of_staff_and_none_of_its_owner(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await place(shop, screening_id, "A1")
    request = pb.GetOrderRequest(order_id=str(order.id))

    await calls.booking.GetOrder(request, metadata=AS_GUEST)
    await refused(calls.booking.GetOrder(request, metadata=OTHER_CLERK))
    await calls.booking.GetOrder(request, metadata=CLERK)
    rows = await shop.process.database.fetch("SELECT action, subject, roles FROM audit")

    assert [tuple(row.values()) for row in rows] == [
        ("ReadOrder", str(order.id), ["customer_service"])
    ]


@pytest.mark.rule("OTC-14.4c")
async def test_a_wrong_address_is_corrected_and_the_same_tickets_are_sent_there(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    database = shop.process.database
    await database.execute("UPDATE mail SET send_time = clock_timestamp()")
    numbers = "SELECT array_agg(number || encode(qr_payload, 'hex') ORDER BY number) FROM ticket"
    before = await database.fetchval(numbers)

    corrected = await correct(calls, a_correction(order, resend_confirmation=True))
    again = await correct(calls, a_correction(order))
    mails = await database.fetch(
        "SELECT kind, recipient FROM mail WHERE send_time IS NULL ORDER BY create_time"
    )

    assert corrected.contact == NEW
    assert [tuple(row.values()) for row in mails] == [("order-confirmed", "right@example.test")]
    assert await database.fetchval(numbers) == before
    story = [(entry.what, entry.detail) for entry in again.timeline]
    assert story[-2:] == [("CONTACT_CORRECTED", "email"), ("CONFIRMATION_SENT_AGAIN", "")]
    assert shop.payments.spent == {}
    assert await shop.count("audit") == 0


async def test_emails_that_wait_go_to_the_corrected_address(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)

    await correct(calls, a_correction(order))

    waiting = await shop.process.database.fetch("SELECT kind, recipient FROM mail")
    assert [tuple(row.values()) for row in waiting] == [("order-confirmed", "right@example.test")]


async def test_who_has_the_token_and_customer_service_correct_and_strangers_do_not(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await buy(shop, screening_id)
    with_token = (*as_guest(), ("x-order-token", TOKENS.token_of(order.id)))

    by_token = await correct(calls, a_correction(order), with_token)
    by_staff = await correct(
        calls,
        a_correction(order, contact=order_pb2.Contact(
            first_name="Ana", last_name="Pop", email="right@example.test", language_code="ro"
        )),
        CLERK,
    )  # fmt: skip
    denied = [
        await refused(correct(calls, a_correction(order), caller))
        for caller in (as_guest(), as_account(uuid4()), OTHER_CLERK)
    ]
    rows = await shop.process.database.fetch("SELECT action, subject FROM audit ORDER BY number")

    assert by_token.contact.email == "right@example.test"
    assert by_staff.contact.last_name == "Pop"
    assert {(each.code.name, each.reason) for each in denied} == {("NOT_FOUND", "ORDER_NOT_FOUND")}
    assert [tuple(row.values()) for row in rows] == [
        ("ReadOrder", str(order.id)),
        ("CorrectContact", str(order.id)),
    ]
    timeline = (await shop.read(order)).timeline
    assert [entry.detail for entry in timeline if entry.what == "CONTACT_CORRECTED"] == [
        "email",
        "name",
    ]


async def test_a_repeat_corrects_once_and_what_cannot_be_sent_changes_nothing(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await place(shop, screening_id, "A1")
    request = a_correction(order)

    unpaid = await refused(correct(calls, a_correction(order, resend_confirmation=True)))
    unchanged = await shop.read(order)
    first, second = await correct(calls, request), await correct(calls, request)

    assert (unpaid.code.name, unpaid.reason) == ("FAILED_PRECONDITION", "ORDER_NOT_CONFIRMED")
    assert unchanged.contact.email == "ana@example.test"
    assert first == second
    whats = [entry.what for entry in (await shop.read(order)).timeline]
    assert whats.count("CONTACT_CORRECTED") == 1


async def test_a_contact_is_not_corrected_for_ever_and_not_after_it_was_erased(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    order = await place(shop, screening_id, "A1")
    for number in range(MAX_CORRECTIONS):
        contact = order_pb2.Contact(
            first_name="Ana", last_name="Pop", email=f"a{number}@example.test"
        )
        await correct(calls, a_correction(order, contact=contact))

    too_often = await refused(correct(calls, a_correction(order)))
    await shop.process.database.execute("UPDATE order_contact SET email = ''")
    erased = await refused(correct(calls, a_correction(order)))

    assert (too_often.code.name, too_often.reason) == (
        "RESOURCE_EXHAUSTED",
        "CONTACT_CORRECTED_TOO_OFTEN",
    )
    assert erased.reason == "CONTACT_ERASED"


@pytest.mark.parametrize(
    ("search", "index"),
    [
        (ByNumber("K7QF-3M4D"), "customer_order_number"),
        (ByEmail("ana@example.test"), "order_contact_email"),
        (ByName("Ionescu", "Ana"), "order_contact_name"),
        (ByScreening(uuid4()), "customer_order_pkey"),
    ],
)
async def test_whatever_is_known_an_index_finds_it(shop: Shop, search: Search, index: str) -> None:
    query, *wanted = statement_of(search, "")

    async with shop.process.database.driver() as driver:
        # Tables are empty here; and only a few orders share a number.
        sorts = "on" if isinstance(search, ByNumber) else "off"
        await driver.execute(f"SET enable_seqscan = off; SET enable_sort = {sorts}")
        rows = await driver.fetch(f"EXPLAIN {query}", None, None, 21, *wanted)
        await driver.execute("RESET enable_seqscan; RESET enable_sort")

    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert index in plan
