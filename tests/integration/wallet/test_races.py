"""Two orders at once, and commands in every order."""

import itertools
from datetime import date, timedelta
from uuid import uuid4

import pytest
from cinema.wallet.v1 import tender_service_pb2 as pb
from cinema.wallet.v1 import wallet_admin_service_pb2 as pb_admin

from services.wallet.adapters.quick_reservations import QuickReservations
from services.wallet.domain.leg import LegKey
from services.wallet.domain.reservation import ReservedSeat, Subject
from tests.kit.wallet_server import (
    Wallet,
    a_key,
    a_reserve,
    a_screening,
    a_seat,
    as_staff,
    refused,
    set_date,
    settled,
)

ROUNDS = 25
FINAL_BALANCES = {
    pb.RESERVATION_STATE_RESERVED: (2, 1, 0),
    pb.RESERVATION_STATE_CAPTURED: (2, 0, 1),
    pb.RESERVATION_STATE_RELEASED: (3, 0, 0),
    pb.RESERVATION_STATE_RESTORED: (3, 0, 0),
}


@pytest.mark.rule("CARD-19")
async def test_of_two_orders_racing_for_the_last_place_exactly_one_wins(wallet: Wallet):
    account_id = uuid4()
    for _ in range(ROUNDS):
        card_id = await wallet.registered_card(account_id)
        used = a_reserve(account_id, card_id, seats=[a_seat("A1"), a_seat("A2")])
        await wallet.reserve(used)

        answers = await settled(*(wallet.reserve(a_reserve(account_id, card_id)) for _ in range(2)))

        winners = [answer for answer in answers if isinstance(answer, pb.ReservePlacesResponse)]
        [loser] = [answer for answer in answers if not isinstance(answer, pb.ReservePlacesResponse)]
        assert len(winners) == 1
        assert "cannot pay seat" in loser.details()
        assert await wallet.balances(account_id, card_id) == (0, 3, 0)


async def test_the_same_command_sent_twenty_times_at_once_happens_once(wallet: Wallet):
    account_id = uuid4()
    for _ in range(5):
        card_id = await wallet.registered_card(account_id)
        key = a_key()
        request = a_reserve(account_id, card_id, key=key)

        reserved = await settled(*(wallet.reserve(request) for _ in range(20)))
        captured = await settled(*(wallet.command("CapturePlaces", key) for _ in range(20)))
        restored = await settled(*(wallet.command("RestorePlaces", key) for _ in range(20)))

        assert {answer.state for answer in reserved} == {pb.RESERVATION_STATE_RESERVED}
        assert {answer.state for answer in captured} == {pb.RESERVATION_STATE_CAPTURED}
        assert {answer.state for answer in restored} == {pb.RESERVATION_STATE_RESTORED}
        assert await wallet.balances(account_id, card_id) == (3, 0, 0)


async def test_reserve_and_release_at_once_end_with_nothing_reserved(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    for _ in range(ROUNDS):
        key = a_key()

        await settled(
            wallet.reserve(a_reserve(account_id, card_id, key=key)),
            wallet.command("ReleasePlaces", key),
        )
        last = await wallet.command("ReleasePlaces", key)

        assert last.state == pb.RESERVATION_STATE_RELEASED
        assert await wallet.balances(account_id, card_id) == (3, 0, 0)


async def test_commands_duplicate_late_and_reordered_never_lose_or_double_a_place(wallet: Wallet):
    account_id = uuid4()
    commands = ("ReservePlaces", "CapturePlaces", "ReleasePlaces", "RestorePlaces")
    for order in itertools.permutations(commands):
        card_id = await wallet.registered_card(account_id)
        key = a_key()
        request = a_reserve(account_id, card_id, key=key)

        for name in (*order, *order):
            call = wallet.reserve(request) if name == "ReservePlaces" else wallet.command(name, key)
            await settled(call)

        last = await wallet.command("ReleasePlaces", key)
        assert await wallet.balances(account_id, card_id) == FINAL_BALANCES[last.state], order


@pytest.mark.rule("CARD-18")
async def test_an_expired_place_comes_back_unusable_when_the_customer_cancels(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id, last_date="2027-05-20")
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key))
    await wallet.command("CapturePlaces", key)
    await set_date(wallet, date(2027, 5, 21))

    await wallet.command("RestorePlaces", key, caused_by_cinema=False)

    card = await wallet.card(account_id, card_id)
    assert [(lot.places_left, lot.last_screening_date) for lot in card.lots] == [(3, "2027-05-20")]


@pytest.mark.rule("CARD-18")
async def test_an_expired_place_gets_a_grace_period_when_the_cinema_cancels(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id, last_date="2027-05-20")
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key))
    await wallet.command("CapturePlaces", key)
    await set_date(wallet, date(2027, 5, 21))

    for _ in range(2):
        await wallet.command("RestorePlaces", key, caused_by_cinema=True)

    card = await wallet.card(account_id, card_id)
    later = a_screening(local_date="2027-07-20")
    answer = await wallet.reserve(a_reserve(account_id, card_id, screening=later))
    assert [(lot.places_left, lot.last_screening_date) for lot in card.lots] == [
        (2, "2027-05-20"),
        (1, "2027-07-20"),
    ]
    assert answer.state == pb.RESERVATION_STATE_RESERVED


async def test_a_card_limited_to_one_seat_of_a_screening_pays_no_second_one(wallet: Wallet):
    account_id = uuid4()
    await wallet.database.execute(
        "INSERT INTO card_product SELECT 'single-seat', 1, name, places, formats,"
        " supplements_included, areas, event_kinds, weekdays, valid_on_holidays, cinema_ids, 1,"
        " conditions, conditions_version FROM card_product WHERE (code, version) = ('carte-3', 1)"
    )
    card_id = await wallet.registered_card(account_id, product="single-seat")
    screening = a_screening()
    key = a_key()
    await wallet.reserve(a_reserve(account_id, card_id, key=key, screening=screening))

    second = await refused(
        wallet.reserve(a_reserve(account_id, card_id, screening=screening, seats=[a_seat("F8")]))
    )
    await wallet.command("ReleasePlaces", key)
    third = await wallet.reserve(a_reserve(account_id, card_id, screening=screening))

    assert second.metadata["ineligible_reason"] == "ONE_SEAT_PER_SCREENING"
    assert third.state == pb.RESERVATION_STATE_RESERVED


async def test_a_card_made_void_while_its_place_is_taken_pays_nothing(wallet: Wallet):
    account_id = uuid4()
    card_id = await wallet.registered_card(account_id)
    key, quick = LegKey(uuid4(), "places-1", 1), QuickReservations(wallet.database)
    void = pb_admin.VoidCardRequest(card_id=str(card_id), reason="stolen", request_id=str(uuid4()))

    seen = await quick.look(key, card_id)
    assert seen is not None
    await wallet.admin.VoidCard(void, metadata=as_staff("operator", "customer_service"))
    subject = Subject(account_id, card_id, uuid4(), frozenset({"F7"}))
    place = ReservedSeat("F7", seen.card.lots[0].id, None)
    taken = await quick.take(key, subject, [place], timedelta(minutes=10))

    assert not taken
    assert await wallet.database.fetchval("SELECT count(*) FROM reservation") == 0
    assert await wallet.database.fetchval("SELECT sum(places_reserved) FROM place_lot") == 0
