"""What buyers are told of a change, in words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.booking.adapters.letter_facts import start_text
from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.remedy_offer import offer_of
from services.booking.domain.remedy_offering import offered_to
from services.booking.domain.screening import RemedyMode, ScreeningState
from services.booking.domain.screening_change import ScreeningChange
from services.booking.domain.screening_notice import Notice, is_told, notice_of, reminder_of
from services.common.mail.queue import Mail
from tests.kit.booking_letters import FakeWords, moved_to, order_mails
from tests.kit.booking_order_builders import NOW, an_order
from tests.kit.booking_orders import a_contact
from tests.unit.booking.test_order_mails import OneOrder

LANGUAGES = ("ro", "fr", "en")


def bought(language: str = "en", **changes: Any) -> Order:
    order = an_order(OrderState.CONFIRMED, granted=True, money=LegState.DONE)
    return replace(order, contact=a_contact(language=language), **changes)


def called_off(order: Order) -> ScreeningChange:
    return ScreeningChange(
        version=2, changed_at=NOW + timedelta(minutes=5), ending=ScreeningState.CANCELLED,
        start_time=order.screening.start_time, cause="TECHNICAL",
    )  # fmt: skip


def moved(order: Order) -> ScreeningChange:
    start = order.screening.start_time
    return ScreeningChange(
        version=2, changed_at=NOW + timedelta(minutes=5), old_start_time=start,
        start_time=start + timedelta(hours=2), old_hall_id="hall-3", hall_id="hall-4",
    )  # fmt: skip


def offered(order: Order, change: ScreeningChange) -> OfferedRemedy:
    offer = offer_of(order.screening, order.policy, [change])
    assert offer is not None
    found = offered_to(order, offer, uuid4())
    assert found is not None
    return found


async def text_of(order: Order, notice: Notice) -> str:
    store: Any = OneOrder(order)
    mail = Mail(uuid4(), notice.kind, order.contact.email, notice.facts)
    mails = order_mails(store, words=FakeWords(), now=moved_to("2026-11-22T23:00"))
    rendered = await mails(mail)
    return f"{rendered.subject}\n{rendered.text}"


@pytest.mark.rule("OTC-33d")
@pytest.mark.rule("OTC-14.5a")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_notice_of_a_change_says_both_starts_and_until_when_it_can_be_given_back(
    language: str,
) -> None:
    order = bought(language)

    text = await text_of(order, notice_of(order, moved(order), offered(order, moved(order))))

    moments = ("2026-11-22T23:00", "2026-11-22T21:00", "2026-11-24T23:59")
    for part in (order.number, *(start_text(moment, language) for moment in moments)):
        assert part in text, part


@pytest.mark.rule("OTC-33c")
@pytest.mark.rule("OTC-14.5a")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_notice_that_it_is_called_off_says_what_can_be_asked_for(language: str) -> None:
    order = bought(language)
    offer = offered(order, called_off(order))

    notice = await text_of(order, notice_of(order, called_off(order), offer))
    reminder = await text_of(order, reminder_of(order, offer))

    for text in (notice, reminder):
        assert order.number in text
        assert start_text("2026-11-24T23:59", language) in text


@pytest.mark.rule("OTC-14.5a")
def test_who_bought_after_the_change_is_told_only_if_they_bought_what_was_before() -> None:
    change = moved(bought())
    early = bought()
    stale = bought(created_at=change.changed_at + timedelta(seconds=10))
    start, sold = change.start_time, stale.screening
    assert start is not None
    knowing = replace(stale, screening=replace(sold, start_time=start, hall_id="hall-4"))
    late = bought(created_at=change.changed_at + timedelta(seconds=61))

    told = [is_told(order, change, [change]) for order in (early, stale, knowing, late)]

    assert told == [True, True, False, False]


@pytest.mark.rule("OTC-33c")
def test_by_itself_it_is_given_only_where_the_policy_says_so_and_nothing_is_shown() -> None:
    order = bought()
    policy = replace(order.policy, remedy_mode=RemedyMode.AUTO)
    by_itself = replace(order, policy=policy)

    assert offered(by_itself, called_off(order)).next_at == order.read_at
    assert offered(by_itself, moved(order)).next_at != order.read_at
    assert offered(order, called_off(order)).next_at != order.read_at


@pytest.mark.rule("OTC-33c")
def test_the_reminder_comes_a_day_before_the_end_unless_the_policy_wants_none() -> None:
    order = bought()
    silent = replace(order, policy=replace(order.policy, remedy_reminder_hours=0))

    reminded, unreminded = (offered(each, called_off(order)) for each in (order, silent))

    assert reminded.remind_at == reminded.closes_at - timedelta(hours=24)
    assert (unreminded.remind_at, unreminded.next_at) == (None, unreminded.closes_at)
