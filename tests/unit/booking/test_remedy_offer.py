"""What is due when the cinema changes or calls off a screening, on its boundaries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.booking.domain.offered_remedy import OfferCause
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.remedy import RemedyKind
from services.booking.domain.remedy_offer import RemedyOffer, offer_of
from services.booking.domain.screening import SalesPolicy, ScreeningState
from services.booking.domain.screening_change import ScreeningChange
from tests.kit.booking_order_builders import a_policy, a_screening

# 22 November, 21:00 in Bucharest, which is two hours ahead of UTC then.
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
MIDNIGHT_AFTER_THE_24TH = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
ALPHA, BETA = "0198c0de-0000-7000-8000-00000000f11a", "0198c0de-0000-7000-8000-00000000f11b"


def sold(**changes: object) -> ScreeningAsSold:
    return replace(a_screening(), film_id=ALPHA, **changes)  # type: ignore[arg-type]


def cancelled(before_start: timedelta, *, start: datetime = START) -> ScreeningChange:
    return ScreeningChange(
        version=9, changed_at=start - before_start, ending=ScreeningState.CANCELLED,
        start_time=start, cause="TECHNICAL",
    )  # fmt: skip


def moved(
    to: datetime, *, since: datetime = START, before_start: timedelta = timedelta(days=1),
    version: int = 2,
) -> ScreeningChange:  # fmt: skip
    return ScreeningChange(
        version=version, changed_at=START - before_start, old_start_time=since, start_time=to
    )


def due(*changes: ScreeningChange, policy: SalesPolicy | None = None) -> RemedyOffer:
    offer = offer_of(sold(), policy or a_policy(), changes)
    assert offer is not None
    return offer


@pytest.mark.rule("OTC-33a")
@pytest.mark.parametrize("before", [timedelta(minutes=30), timedelta(days=3)])
def test_called_off_thirty_minutes_before_the_start_or_earlier_gives_the_money_back(
    before: timedelta,
) -> None:
    offer = due(cancelled(before))

    assert (offer.cause, offer.kind_at(START)) == (OfferCause.CANCELLED, RemedyKind.REFUND)
    assert not offer.may_keep


@pytest.mark.rule("OTC-33b")
@pytest.mark.parametrize("before", [timedelta(minutes=29, seconds=59), timedelta(0)])
def test_called_off_later_gives_a_voucher(before: timedelta) -> None:
    offer = due(cancelled(before))

    assert offer.kind_at(START) is RemedyKind.VOUCHER


@pytest.mark.rule("OTC-33b")
def test_stopped_while_it_ran_gives_a_voucher() -> None:
    stopped = ScreeningChange(
        version=3, changed_at=START + timedelta(minutes=20), ending=ScreeningState.TERMINATED
    )

    offer = due(stopped)

    assert (offer.cause, offer.kind_at(START)) == (OfferCause.TERMINATED, RemedyKind.VOUCHER)


@pytest.mark.rule("OTC-34b")
def test_it_can_be_asked_for_to_the_last_second_of_the_second_day_in_the_cinemas_zone() -> None:
    assert due(cancelled(timedelta(hours=1))).closes_at == MIDNIGHT_AFTER_THE_24TH


@pytest.mark.rule("OTC-34b")
def test_the_second_day_has_twenty_five_hours_when_the_clocks_go_back() -> None:
    friday = datetime(2026, 10, 23, 18, 0, tzinfo=UTC)  # 21:00, three hours ahead of UTC.
    screening = sold(start_time=friday, local_start="2026-10-23T21:00")

    offer = offer_of(screening, a_policy(), [cancelled(timedelta(hours=1), start=friday)])

    assert offer is not None
    assert offer.closes_at == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


@pytest.mark.rule("OTC-33d")
@pytest.mark.parametrize(
    ("minutes", "is_due"), [(15, False), (16, True), (-15, False), (-16, True)]
)
def test_a_start_that_moves_by_more_than_fifteen_minutes_may_be_given_back(
    minutes: int, *, is_due: bool
) -> None:
    offer = offer_of(sold(), a_policy(), [moved(START + timedelta(minutes=minutes))])

    assert (offer is not None) is is_due
    if offer is not None:
        assert (offer.cause, offer.may_keep) == (OfferCause.RESCHEDULED, True)


@pytest.mark.rule("OTC-33d")
def test_how_many_minutes_is_the_policys_to_say() -> None:
    policy = replace(a_policy(), remedy_start_change_minutes=60)

    assert offer_of(sold(), policy, [moved(START + timedelta(minutes=60))]) is None


@pytest.mark.rule("OTC-33d")
def test_another_date_may_be_given_back_however_few_minutes_it_is() -> None:
    late = datetime(2026, 11, 22, 21, 55, tzinfo=UTC)
    screening = sold(start_time=late, local_start="2026-11-22T23:55")

    offer = offer_of(screening, a_policy(), [moved(late + timedelta(minutes=10), since=late)])

    assert offer is not None
    assert offer.cause is OfferCause.RESCHEDULED


@pytest.mark.rule("OTC-33d")
def test_another_film_may_be_given_back() -> None:
    change = ScreeningChange(
        version=2, changed_at=START - timedelta(hours=1), old_film_id=ALPHA, film_id=BETA
    )

    offer = due(change)

    assert (offer.cause, offer.may_keep) == (OfferCause.REPLACED, True)
    assert offer.kind_at(START - timedelta(seconds=1)) is RemedyKind.REFUND
    assert offer.kind_at(START) is RemedyKind.VOUCHER


@pytest.mark.rule("OTC-33d")
def test_another_hall_alone_gives_nothing() -> None:
    change = ScreeningChange(
        version=2, changed_at=START - timedelta(hours=1), old_hall_id="hall-3", hall_id="hall-4"
    )

    assert offer_of(sold(), a_policy(), [change]) is None


@pytest.mark.rule("OTC-33d")
@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (timedelta(minutes=30), RemedyKind.REFUND),
        (timedelta(minutes=29, seconds=59), RemedyKind.VOUCHER),
    ],
)
def test_the_thirty_minutes_count_from_the_change_to_the_old_start(
    before: timedelta, kind: RemedyKind
) -> None:
    offer = due(moved(START + timedelta(days=7), before_start=before))

    assert offer.kind_at(START) is kind


@pytest.mark.rule("OTC-33d")
@pytest.mark.parametrize(
    ("new_start", "closes_at"),
    [
        (START + timedelta(hours=2), MIDNIGHT_AFTER_THE_24TH),
        (START + timedelta(days=7), START + timedelta(days=7)),
    ],
)
def test_a_rescheduled_one_can_be_given_back_to_the_second_day_or_its_new_start(
    new_start: datetime, closes_at: datetime
) -> None:
    assert due(moved(new_start)).closes_at == closes_at


@pytest.mark.rule("OTC-33d")
def test_steps_add_up_and_what_is_undone_again_gives_nothing() -> None:
    ten, twenty = START + timedelta(minutes=10), START + timedelta(minutes=20)
    there = moved(ten, version=2)
    further = moved(twenty, since=ten, before_start=timedelta(hours=5), version=3)
    back = moved(START, since=twenty, before_start=timedelta(hours=4), version=4)

    assert offer_of(sold(), a_policy(), [there]) is None
    assert due(there, further).changed_at == further.changed_at
    assert offer_of(sold(), a_policy(), [there, further, back]) is None


@pytest.mark.rule("OTC-33d")
def test_who_bought_after_the_change_bought_what_it_is() -> None:
    new_start = START + timedelta(hours=3)
    bought_later = sold(start_time=new_start, local_start="2026-11-23T00:00")

    assert offer_of(bought_later, a_policy(), [moved(new_start)]) is None


@pytest.mark.rule("OTC-34b")
def test_called_off_after_it_was_moved_counts_from_the_start_that_it_had() -> None:
    new_start = START + timedelta(days=7)

    offer = due(moved(new_start), cancelled(timedelta(minutes=10), start=new_start))

    assert (offer.cause, offer.version) == (OfferCause.CANCELLED, 9)
    assert offer.kind_at(new_start) is RemedyKind.VOUCHER
    assert offer.closes_at == MIDNIGHT_AFTER_THE_24TH + timedelta(days=7)


@pytest.mark.rule("OTC-35")
def test_the_offer_says_whether_the_cinema_is_the_cause() -> None:
    storm = replace(cancelled(timedelta(hours=1)), cause="FORCE_MAJEURE", attributable=False)

    assert not due(storm).attributable
    assert due(cancelled(timedelta(hours=1))).attributable


def test_a_screening_that_is_as_it_was_sold_gives_nothing() -> None:
    assert offer_of(sold(), a_policy(), []) is None
