"""Loyalty points: how they come, go, and are owed."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.money import Money
from services.wallet.domain.errors import InsufficientPointsError
from services.wallet.domain.points import (
    LotState,
    PointAccount,
    PointKind,
    PointsPolicy,
    points_for,
)
from services.wallet.domain.profile import birthdays_on

TODAY = date(2027, 5, 20)
NOW = datetime(2027, 5, 20, 12, tzinfo=UTC)
VALID_DAYS = 365


def an_account() -> PointAccount:
    return PointAccount(uuid4(), 0, 0, 0, [], TODAY, NOW, [])


def with_posted(points: int, order_id: UUID | None = None) -> PointAccount:
    account = an_account()
    account.earn(uuid4(), order_id or uuid4(), points, NOW - timedelta(seconds=1))
    account.post_due(VALID_DAYS)
    return account


@pytest.mark.parametrize(("minor_units", "points"), [(6_400, 64), (199, 1), (0, 0)])
def test_an_order_brings_points_by_the_chains_rate(minor_units: int, points: int):
    assert points_for(Money("RON", minor_units), PointsPolicy(10, VALID_DAYS)) == points


@pytest.mark.rule("CARD-9")
def test_points_are_pending_until_the_order_can_no_longer_be_cancelled():
    account = an_account()
    account.earn(uuid4(), uuid4(), 240, NOW)

    account.post_due(VALID_DAYS)
    before = (account.pending, account.balance)
    account.now = NOW + timedelta(microseconds=1)
    account.post_due(VALID_DAYS)

    assert before == (240, 0)
    assert (account.pending, account.balance) == (0, 240)


def test_the_same_order_brings_points_once():
    account, order_id = an_account(), uuid4()

    for _ in range(2):
        account.earn(uuid4(), order_id, 64, NOW)

    assert account.pending == 64


@pytest.mark.rule("CARD-9")
def test_240_points_are_enough_and_239_are_not():
    enough, short = with_posted(240), with_posted(239)

    enough.spend(240, PointKind.REDEEM)

    with pytest.raises(InsufficientPointsError) as caught:
        short.spend(240, PointKind.REDEEM)
    assert enough.balance == 0
    assert short.balance == 239
    assert caught.value.metadata == {"points_needed": "240", "points_available": "239"}


def test_the_points_that_expire_soonest_go_first():
    account = with_posted(100)
    account.credit(uuid4(), 100, 10)

    account.spend(120, PointKind.REDEEM)

    late, soon = account.lots
    assert (soon.points_left, late.points_left) == (0, 80)


def test_expired_points_cannot_be_redeemed_even_before_they_are_taken():
    account = with_posted(240)
    account.today = TODAY + timedelta(days=VALID_DAYS + 1)

    with pytest.raises(InsufficientPointsError):
        account.spend(1, PointKind.REDEEM)
    account.expire()

    assert account.balance == 0
    assert account.entries[-1].kind is PointKind.EXPIRE


def test_points_are_good_on_their_last_day():
    account = with_posted(240)
    account.today = TODAY + timedelta(days=VALID_DAYS)

    account.expire()

    assert account.balance == 240


@pytest.mark.rule("CARD-9")
def test_a_cancelled_order_voids_its_pending_points_once():
    account, order_id = an_account(), uuid4()
    account.earn(uuid4(), order_id, 64, NOW)

    for _ in range(2):
        account.give_back(order_id)

    assert (account.pending, account.balance, account.debt) == (0, 0, 0)
    assert [entry.kind for entry in account.entries] == [PointKind.EARN, PointKind.VOID]


@pytest.mark.rule("CARD-9")
def test_what_a_remedy_takes_back_and_is_no_longer_there_is_a_debt_that_the_next_points_pay():
    order_id = uuid4()
    account = with_posted(240, order_id)
    account.spend(200, PointKind.REDEEM)

    account.give_back(order_id)
    owed = (account.balance, account.debt)
    account.earn(uuid4(), uuid4(), 300, NOW - timedelta(seconds=1))
    account.post_due(VALID_DAYS)

    assert owed == (0, 200)
    assert (account.balance, account.debt) == (100, 0)


def test_other_points_pay_for_an_order_that_is_given_back():
    order_id = uuid4()
    account = with_posted(100, order_id)
    account.spend(100, PointKind.REDEEM)
    account.credit(uuid4(), 80, VALID_DAYS)

    account.give_back(order_id)

    assert (account.balance, account.debt) == (0, 20)


@pytest.mark.parametrize(
    ("day", "birthdays"),
    [
        (date(2027, 5, 20), [(5, 20)]),
        (date(2027, 2, 28), [(2, 28), (2, 29)]),
        (date(2028, 2, 28), [(2, 28)]),
        (date(2028, 2, 29), [(2, 29)]),
    ],
)
def test_who_was_born_on_a_leap_day_has_a_birthday_every_year(
    day: date, birthdays: list[tuple[int, int]]
):
    assert birthdays_on(day) == birthdays


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["earn", "post", "spend", "credit", "give_back", "expire", "wait"]),
            st.integers(0, 3),
            st.integers(1, 300),
        ),
        max_size=30,
    )
)
def test_balances_are_the_sums_of_entries_and_never_below_zero(
    steps: list[tuple[str, int, int]],
):
    account = an_account()
    orders = [uuid4() for _ in range(4)]
    for what, which, points in steps:
        match what:
            case "earn":
                account.earn(uuid4(), orders[which], points, NOW)
            case "post":
                account.now += timedelta(seconds=1)
                account.post_due(10)
            case "credit":
                account.credit(uuid4(), points, 5)
            case "give_back":
                account.give_back(orders[which])
            case "expire":
                account.expire()
            case "wait":
                account.today += timedelta(days=which)
            case _:
                try:
                    account.spend(points, PointKind.REDEEM)
                except InsufficientPointsError:
                    assert account.balance == sum(lot.points_left for lot in account.lots)

    balances = (account.pending, account.balance, account.debt)
    assert min(balances) >= 0
    assert account.balance == sum(lot.points_left for lot in account.lots)
    assert account.pending == sum(
        lot.points for lot in account.lots if lot.state is LotState.PENDING
    )
