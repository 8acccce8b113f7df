"""What the wallet tells about an order, for booking to explain it."""

from uuid import UUID, uuid4

import pytest
from cinema.type.v1 import story_service_pb2 as pb

from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_seat,
    as_account,
    as_booking,
    as_staff,
    refused,
)


async def told(wallet: Wallet, order_id: UUID) -> list[tuple[str, str]]:
    request = pb.ListStoryEntriesRequest(reference_id=str(order_id))
    answer = await wallet.stories.ListStoryEntries(request, metadata=as_booking())
    assert all(entry.time.seconds for entry in answer.entries)
    return [(entry.what, entry.detail) for entry in answer.entries]


async def test_each_step_of_an_orders_places_is_told_once(wallet: Wallet) -> None:
    account_id, order_id = uuid4(), uuid4()
    card_id, key = await wallet.registered_card(account_id), a_key(order_id)
    seats = [a_seat("F7"), a_seat("F8")]
    await wallet.reserve(a_reserve(account_id, card_id, key=key, seats=seats))
    await wallet.command("CapturePlaces", key)
    await wallet.command("RestorePlaces", key, caused_by_cinema=False)

    story = await told(wallet, order_id)

    assert story == [
        ("PLACES_RESERVE", "places-1 2"),
        ("PLACES_CAPTURE", "places-1 2"),
        ("PLACES_RESTORE", "places-1 2"),
    ]
    assert await told(wallet, uuid4()) == []


async def test_a_release_that_came_first_is_told(wallet: Wallet) -> None:
    order_id = uuid4()
    await wallet.command("ReleasePlaces", a_key(order_id))

    assert await told(wallet, order_id) == [("RELEASED_BEFORE_RESERVED", "places-1")]


@pytest.mark.rule("OTC-48.4-6")
async def test_only_booking_may_ask(wallet: Wallet) -> None:
    request = pb.ListStoryEntriesRequest(reference_id=str(uuid4()))

    for caller in (as_account(uuid4()), as_staff("customer_service", "finance", "operator")):
        refusal = await refused(wallet.stories.ListStoryEntries(request, metadata=caller))
        assert refusal.reason == "PERMISSION_DENIED"
