"""What owners read of their orders: listed, with legs, terms and the story of what happened."""

from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.hold import Hold
from services.booking.domain.order import Order
from services.booking.domain.order_lines import PlaceTender
from tests.integration.booking.orders.conftest import Shop
from tests.integration.booking.orders.serving import AS_GUEST, Calls, a_request, pay
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, a_purchase, an_order_key, lost
from tests.kit.booking_rpc import as_account, as_guest, as_staff, refused

OTHER_ID = uuid4()


async def placed_by(
    shop: Shop, account_id: UUID, screening_id: UUID, seat_id: str, *, card_id: UUID | None = None
) -> Order:
    owner = f"account:{account_id}"
    hold = await shop.hold(screening_id, [seat_id], owner=owner)
    tenders = () if card_id is None else (PlaceTender(card_id, (seat_id,)),)
    purchase = a_purchase(hold, owner=owner, account_id=account_id, tenders=tenders)
    return await shop.use.place_order(purchase, an_order_key(owner))


async def listed(calls: Calls, account_id: UUID, **fields: Any) -> pb.ListOrdersResponse:
    answer: pb.ListOrdersResponse = await calls.booking.ListOrders(
        pb.ListOrdersRequest(**fields), metadata=as_account(account_id)
    )
    return answer


async def test_an_account_lists_its_orders_newest_first_and_nobody_elses(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    first = await placed_by(shop, ACCOUNT_ID, screening_id, "A1")
    await placed_by(shop, OTHER_ID, screening_id, "B1")
    await shop.place(screening_id, ["C1"])
    await shop.past_deadline()
    await shop.expire_due()
    second = await placed_by(shop, ACCOUNT_ID, screening_id, "D1")

    mine = await listed(calls, ACCOUNT_ID)
    nobodys = await listed(calls, uuid4())

    assert [order.id for order in mine.orders] == [str(second.id), str(first.id)]
    assert [order.state for order in mine.orders] == [
        order_pb2.Order.STATE_AWAITING_PAYMENT,
        order_pb2.Order.STATE_EXPIRED,
    ]
    assert mine.orders[0].lines[0].seat_id == "D1"
    assert mine.orders[0].contact.email == "ana@example.test"
    assert not mine.orders[0].timeline
    assert (mine.next_page_token, list(nobodys.orders)) == ("", [])


async def test_orders_come_in_pages_that_meet(calls: Calls, shop: Shop, screening_id: UUID) -> None:
    placed = [await placed_by(shop, ACCOUNT_ID, screening_id, f"A{n}") for n in range(1, 6)]
    pages, token = [], ""

    for _ in range(3):
        page = await listed(calls, ACCOUNT_ID, page_size=2, page_token=token)
        pages.append([order.id for order in page.orders])
        token = page.next_page_token

    newest_first = [str(order.id) for order in reversed(placed)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert token == ""


async def test_a_made_up_page_is_refused_and_a_guest_has_no_list(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    await shop.place(screening_id)
    request = pb.ListOrdersRequest(page_token="made up")

    made_up = await refused(calls.booking.ListOrders(request, metadata=as_account(ACCOUNT_ID)))
    negative = await refused(
        calls.booking.ListOrders(
            pb.ListOrdersRequest(page_size=-1), metadata=as_account(ACCOUNT_ID)
        )
    )
    guest = await refused(calls.booking.ListOrders(pb.ListOrdersRequest(), metadata=as_guest()))
    staff = await refused(
        calls.booking.ListOrders(pb.ListOrdersRequest(), metadata=as_staff("customer_service"))
    )

    assert made_up.reason == "INVALID_PAGE_TOKEN"
    assert negative.code is grpc.StatusCode.INVALID_ARGUMENT
    assert {guest.code, staff.code} == {grpc.StatusCode.PERMISSION_DENIED}


async def test_each_leg_tells_where_it_stands_and_what_comes_next(
    calls: Calls, shop: Shop, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, ["A1", "A2"], owner=ACCOUNT)
    order = await shop.place_by_card(hold, card_id, ["A1"])
    waiting = await get(calls, order)
    shop.wallet.trouble.once = False
    shop.wallet.trouble.before["capture_places"] = lost("wallet")

    await shop.pay(order)
    await shop.drive(order)
    completing = await get(calls, order)
    shop.wallet.trouble.before.clear()
    await shop.drive(order)
    confirmed = await get(calls, order)

    assert legs_of(waiting) == {
        "places-1": ("OPEN", "", ""),
        "payment": ("OPEN", "CUSTOMER_PAYS", ""),
    }
    assert legs_of(completing) == {
        "places-1": ("COMMITTED", "CAPTURE_PLACES", "DEPENDENCY_UNAVAILABLE"),
        "payment": ("COMMITTED", "CAPTURE_PAYMENT", ""),
    }
    assert legs_of(confirmed) == {"places-1": ("DONE", "", ""), "payment": ("DONE", "", "")}


async def get(calls: Calls, order: Order) -> order_pb2.Order:
    request = pb.GetOrderRequest(order_id=str(order.id))
    answer = await calls.booking.GetOrder(request, metadata=as_account(ACCOUNT_ID))
    read: order_pb2.Order = answer.order
    return read


def legs_of(order: order_pb2.Order) -> dict[str, tuple[str, str, str]]:
    state_of = order_pb2.OrderLeg.State.Name
    return {
        leg.name: (state_of(leg.state).removeprefix("STATE_"), leg.next_step, leg.last_problem)
        for leg in order.legs
    }


async def test_the_timeline_says_in_words_why_an_order_is_as_it_is(
    calls: Calls, hold: Hold, screening_id: UUID
) -> None:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    await calls.shop.past_deadline()
    await calls.shop.expire_due()
    await calls.shop.hold(screening_id, ["A1"], owner="guest:another")
    await pay(calls, placed)

    request = pb.GetOrderRequest(order_id=placed.id)
    order = (await calls.booking.GetOrder(request, metadata=AS_GUEST)).order

    told = {entry.what: entry.text for entry in order.timeline}
    why_not = "it came after the deadline, and the seats could not be taken again"
    expired = "The deadline passed without a payment: the seats are free again."
    assert told["ORDER_EXPIRED"] == expired
    assert told["PAYMENT_REFUSED"].endswith(f"refused and its money is not taken: {why_not}.")
    assert all(told.values())


@pytest.mark.rule("OTC-1")
@pytest.mark.rule("OTC-3")
@pytest.mark.rule("OTC-26")
async def test_the_order_shows_the_terms_when_they_were_accepted_and_the_rating(
    calls: Calls, hold: Hold
) -> None:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    await pay(calls, placed)

    request = pb.GetOrderRequest(order_id=placed.id)
    order = (await calls.booking.GetOrder(request, metadata=AS_GUEST)).order

    assert (order.gtc_version, order.otc_version) == ("2024-01", "2024-02")
    assert order.terms_accept_time == order.create_time == placed.terms_accept_time
    assert order.screening.rating == "AP-12"


@pytest.mark.rule("OTC-3")
async def test_who_accepted_and_when_is_never_rewritten(shop: Shop, screening_id: UUID) -> None:
    order = await shop.place(screening_id)

    for column in ("gtc_version = 'x'", "accepted_at = now()", "owner = 'guest:another'"):
        with pytest.raises(Exception, match="is never changed"):
            await shop.process.database.execute(f"UPDATE customer_order SET {column}")

    stored = await shop.read(order)
    assert (stored.owner, stored.terms.accepted_at) == (order.owner, order.created_at)


@pytest.mark.rule("OTC-14.4c")
async def test_a_wrong_address_is_not_verified_and_gives_no_right_to_money(
    calls: Calls, hold: Hold
) -> None:
    mistyped = order_pb2.Contact(first_name="Ana", last_name="Ionescu", email="nobody@exmaple.test")
    request = a_request(hold, contact=mistyped)

    placed = await calls.booking.PlaceOrder(request, metadata=AS_GUEST)
    await pay(calls, placed.order)
    with_token = (*as_guest(), ("x-order-token", placed.order_token))
    read = await calls.booking.GetOrder(
        pb.GetOrderRequest(order_id=placed.order.id), metadata=with_token
    )
    remedy = pb.RequestRemedyRequest(order_id=placed.order.id, request_id=str(uuid4()))
    refusal = await refused(calls.booking.RequestRemedy(remedy, metadata=with_token))

    recipient = await calls.shop.process.database.fetchval("SELECT recipient FROM mail")
    assert read.order.state == order_pb2.Order.STATE_CONFIRMED
    assert recipient == "nobody@exmaple.test"
    assert refusal.reason == "NO_REMEDY_DUE"


@pytest.mark.rule("OTC-14.5c")
@pytest.mark.rule("OTC-3")
async def test_after_a_mistake_nothing_is_exchanged_and_nothing_comes_back(
    calls: Calls, hold: Hold
) -> None:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order
    await pay(calls, placed)

    abandon = pb.AbandonOrderRequest(order_id=placed.id, request_id=str(uuid4()))
    given_up = await refused(calls.booking.AbandonOrder(abandon, metadata=AS_GUEST))
    remedy = pb.RequestRemedyRequest(order_id=placed.id, request_id=str(uuid4()))
    given_back = await refused(calls.booking.RequestRemedy(remedy, metadata=AS_GUEST))

    methods = {method.name for method in pb.DESCRIPTOR.services_by_name["BookingService"].methods}
    assert (given_up.reason, given_back.reason) == ("ORDER_NOT_ABANDONABLE", "NO_REMEDY_DUE")
    assert not {name for name in methods if "Exchange" in name or "Withdraw" in name}
    assert calls.shop.payments.spent == {}


@pytest.mark.rule("OTC-1b")
@pytest.mark.parametrize(
    ("channel", "seen"),
    [
        ("WEB", order_pb2.CHANNEL_WEB),
        ("APP", order_pb2.CHANNEL_APP),
        ("KIOSK", order_pb2.CHANNEL_KIOSK),
        ("BOX_OFFICE", order_pb2.CHANNEL_BOX_OFFICE),
    ],
)
async def test_every_order_says_through_which_door_it_came(
    calls: Calls, hold: Hold, channel: str, seen: order_pb2.Channel
) -> None:
    database = calls.shop.process.database
    await database.execute("UPDATE hold SET channel = $1", channel)
    calls.shop.process.holds.recall(hold.id)  # The process forgets how it made it.

    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order

    assert placed.channel == seen


async def test_the_number_can_be_told_over_the_phone(calls: Calls, hold: Hold) -> None:
    placed = (await calls.booking.PlaceOrder(a_request(hold), metadata=AS_GUEST)).order

    first, _, second = placed.number.partition("-")
    assert (len(first), len(second)) == (4, 4)
    assert not set("01IOLUV") & set(first + second)
