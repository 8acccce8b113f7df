"""The main job, end to end: every act of the demo's story is also a test."""

import pytest

from deploy.demo import acts
from deploy.demo.door import tickets_at_the_door
from deploy.demo.story import Story

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def story():
    return Story(quiet=True)


@pytest.mark.rule("OTC-12")
@pytest.mark.rule("OTC-16")
@pytest.mark.rule("OTC-18")
async def test_a_guest_buys_two_tickets_by_card(stage, house, story, screening):
    await acts.guest_buys_two(stage, house, story, screening)

    assert story.counts["tickets"] == 2


@pytest.mark.rule("CARD-1")
@pytest.mark.rule("CARD-15")
async def test_an_account_pays_one_seat_by_place_and_one_by_card(
    stage, house, story, screening, clock
):
    await acts.account_buys_mixed(stage, house, story, screening, clock)

    assert story.counts["places_used"] == 1


async def test_fifty_buyers_race_for_one_seat_and_one_wins(stage, house, story, screening):
    await acts.fifty_race_for_one_seat(stage, house, story, screening)

    assert story.counts["holds_refused"] == 49


@pytest.mark.rule("OTC-13b")
async def test_a_declined_payment_is_tried_again_and_paid(stage, house, story, screening):
    await acts.declined_then_paid(stage, house, story, screening)

    assert story.counts["tickets"] == 1


async def test_an_order_given_up_frees_its_seats_at_once(stage, house, story, screening):
    await acts.declined_then_abandoned(stage, house, story, screening)

    assert story.counts["orders_abandoned"] == 1


@pytest.mark.rule("OTC-14.4b")
async def test_a_lapsed_hold_is_bought_by_somebody_else(stage, house, story, screening, clock):
    await acts.lapsed_hold_is_bought_by_another(stage, house, story, screening, clock)

    assert story.counts["holds_lapsed"] == 1


async def test_the_same_order_sent_five_times_is_one_order(stage, house, story, screening):
    await acts.same_order_five_times(stage, house, story, screening)

    assert story.counts["orders_confirmed"] == 1


@pytest.mark.rule("OTC-33b")
@pytest.mark.rule("OTC-11")
async def test_a_terminated_screening_gives_one_voucher_without_the_fee(stage, house, story, clock):
    await acts.screening_is_terminated(stage, house, story, clock)

    assert story.counts["vouchers"] == 1


@pytest.mark.rule("OTC-17")
@pytest.mark.rule("OTC-30")
async def test_each_ticket_lets_somebody_in_once(stage, house, story, clock):
    await tickets_at_the_door(stage, house, story, clock)

    assert story.counts["tickets_admitted"] == 2
    assert story.counts["scans_refused"] == 2
