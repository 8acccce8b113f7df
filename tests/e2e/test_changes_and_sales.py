"""What was quoted or sold keeps its prices, fee and policy, whatever is published afterwards."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cinema.booking.v1 import hold_pb2, order_pb2
from cinema.catalog.v1.programme_service_pb2 import GetTermsRequest, ListHolidaysRequest
from cinema.catalog.v1.screening_pb2 import Screening

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import Stage, until
from deploy.programme.chain import COUNTRY, EFFECTIVE_TIME
from deploy.programme.chain_facts import Cinema
from deploy.programme.prices import price_list
from deploy.programme.schedule import Show
from tests.kit.small_programme import (
    VERSION,
    cinema_document,
    import_shows,
    local_today,
    make_hall,
    plan_document,
    send,
    terms_document,
)

pytestmark = pytest.mark.xdist_group("stack")

DEARER_BANI = 700
SHORTER_HOLD_SECONDS = 120
# The local hours of the shows; each test has one of its own.
_hours = itertools.cycle([10, 13, 16, 19])


@dataclass
class Market:
    """A cinema under a policy of its own, so that its changes are nobody else's."""

    stage: Stage
    code: str = field(default_factory=lambda: f"chg-{uuid4().hex[:12]}")
    prices: dict[str, Any] = field(init=False)
    terms: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.prices = price_list(self._cinema, 1, EFFECTIVE_TIME)
        self.terms = terms_document()["terms"] | {"policy_code": self.code}
        self.terms["policy"] = self.terms["policy"] | {"code": self.code}

    @property
    def _cinema(self) -> Cinema:
        return Cinema(self.code, "Zz Changes", "Arad", "+40314130140", 1)

    async def open(self) -> Screening:
        """Put a show of tomorrow on sale."""
        document = cinema_document(self._cinema)
        document["cinema"]["policy_code"] = self.code
        hall = make_hall(self._cinema, 1, 60)
        await self.publish_terms()
        await send(self.stage, "CreateCinema", document)
        await self.set_prices()
        await send(self.stage, "PublishSeatPlan", plan_document(hall))
        day = local_today() + timedelta(days=1)
        start = datetime.combine(day, datetime.min.time()) + timedelta(hours=next(_hours))
        await import_shows(
            self.stage, self.code, [Show(f"{self.code}-1", hall, VERSION, day, start)]
        )
        (screening,) = await House(self.stage).screenings(self.code, day.isoformat())
        return screening

    async def set_prices(self) -> None:
        await send(self.stage, "SetPrices", {"price_list": self.prices})

    async def publish_terms(self) -> None:
        await send(self.stage, "PublishTerms", {"terms": self.terms})

    async def raise_prices(self) -> None:
        self.prices["lines"] = [
            line | {"price": dearer(line["price"])}
            for line in self.prices["lines"]
            if line["ticket_type"] != "FAMILY"
        ]
        await self.set_prices()

    async def raise_fee(self) -> None:
        self.prices["service_fee"] = dearer(self.prices["service_fee"])
        await self.set_prices()

    async def change_policy(self) -> None:
        """Publish terms with less time for everything: holds, remedies, vouchers."""
        self.terms["gtc_version"] = self.terms["otc_version"] = "later"
        self.terms["policy"] = self.terms["policy"] | {
            "hold_seconds": SHORTER_HOLD_SECONDS,
            "min_payment_seconds": 0,
            "max_tickets_per_type": 1,
            "remedy_days": 0,
            "rescue_seconds": 0,
        }
        await self.publish_terms()


def dearer(price: dict[str, Any]) -> dict[str, Any]:
    return price | {"minor_units": price["minor_units"] + DEARER_BANI}


@dataclass(frozen=True)
class Terms:
    """All that a purchase is made under, as its hold or order tells it."""

    amounts: tuple[tuple[str, int, int, int], ...]
    gtc_version: str
    otc_version: str
    expires_at: datetime


def terms_of(sale: hold_pb2.Hold | order_pb2.Order) -> Terms:
    seats = sale.lines if isinstance(sale, order_pb2.Order) else sale.seats
    return Terms(
        tuple(
            (
                seat.seat_id,
                seat.price.minor_units,
                seat.supplement.minor_units,
                seat.service_fee.minor_units,
            )
            for seat in seats
        ),
        sale.gtc_version,
        sale.otc_version,
        sale.expire_time.ToDatetime(tzinfo=UTC),
    )


async def two_seats(house: House, screening: Screening) -> list[str]:
    return (await house.free_seats(screening.id)).take(2)


Change = Callable[[Market], Awaitable[None]]
Quoted = tuple[tuple[int, int], str, bool]


async def quoted_to_others(stage: Stage, screening: Screening, house: House) -> Quoted:
    """What somebody else is quoted now: price and fee, terms, whether the hold is short."""
    buyer = await Buyer.guest(stage, "Radu")
    longest = max((await house.free_seats(screening.id)).runs, key=len)
    hold = await buyer.hold(screening.id, [longest[-1]])
    await buyer.release(hold)
    (seat,) = hold.seats
    is_short = hold.time_left.seconds <= SHORTER_HOLD_SECONDS
    return ((seat.price.minor_units, seat.service_fee.minor_units), hold.otc_version, is_short)


async def publish(change: Change, market: Market, screening: Screening, house: House) -> None:
    """Make a change, and wait until somebody else is quoted something new: it has arrived."""
    before = await quoted_to_others(market.stage, screening, house)
    await change(market)

    async def has_arrived() -> bool:
        return await quoted_to_others(market.stage, screening, house) != before

    await until(has_arrived, what="the change to reach new holds")


EVERY_CHANGE = pytest.mark.parametrize(
    "change", [Market.raise_prices, Market.raise_fee, Market.change_policy]
)


@EVERY_CHANGE
@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-9")
async def test_what_changes_during_a_hold_changes_neither_hold_nor_order(
    stage: Stage, house: House, change: Change
) -> None:
    market = Market(stage)
    screening = await market.open()
    buyer = await Buyer.guest(stage, "Ana")
    hold = await buyer.hold(screening.id, await two_seats(house, screening))

    await publish(change, market, screening, house)
    order = await buyer.place(hold)
    await buyer.on_page(order, "pay")
    confirmed = await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)
    assert terms_of(order) == terms_of(hold)
    assert terms_of(confirmed) == terms_of(hold)
    assert confirmed.total == hold.total
    assert len(await buyer.tickets(order.id)) == 2


@EVERY_CHANGE
@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-9")
@pytest.mark.rule("OTC-1")
async def test_what_changes_after_a_purchase_leaves_the_order_as_it_was_sold(
    stage: Stage, house: House, change: Change
) -> None:
    market = Market(stage)
    screening = await market.open()
    buyer = await Buyer.guest(stage, "Ion")
    sold = await buyer.buy(screening.id, await two_seats(house, screening))

    await publish(change, market, screening, house)
    later = await buyer.order(sold.id)
    assert terms_of(later) == terms_of(sold)
    assert (later.total, later.money_due) == (sold.total, sold.money_due)
    accepted = await stage.programme.GetTerms(
        GetTermsRequest(policy_code=market.code, otc_version=later.otc_version)
    )
    assert (accepted.terms.gtc_version, accepted.terms.otc_version) == (
        sold.gtc_version,
        sold.otc_version,
    )


@pytest.mark.rule("OTC-8")
@pytest.mark.rule("OTC-11")
async def test_a_remedy_follows_the_prices_and_the_policy_that_were_sold(
    stage: Stage, house: House, clock: Any
) -> None:
    market = Market(stage)
    screening = await market.open()
    buyer = await Buyer.guest(stage, "Mara")
    sold = await buyer.buy(screening.id, await two_seats(house, screening))
    await market.raise_prices()
    await market.raise_fee()
    await market.change_policy()

    start = screening.start_time.ToDatetime(tzinfo=UTC)
    await clock.advance(start - await clock.now() + timedelta(minutes=20))
    await house.terminate(screening.id)
    # The new terms know no day after; those that were sold know two.
    await clock.advance(timedelta(days=1))
    remedy = await buyer.request_remedy(sold.id)

    prices = sum(line.price.minor_units + line.supplement.minor_units for line in sold.lines)
    assert remedy.amount.minor_units == prices


def day_of(screening: Screening) -> str:
    return screening.local_start.partition("T")[0]


async def holidays_of(stage: Stage, screening: Screening) -> set[str]:
    request = ListHolidaysRequest(country_code=COUNTRY, year=int(day_of(screening)[:4]))
    return {each.date for each in (await stage.programme.ListHolidays(request)).holidays}


async def set_holidays(stage: Stage, screening: Screening, days: set[str]) -> None:
    document = {
        "country_code": COUNTRY,
        "year": int(day_of(screening)[:4]),
        "holidays": [{"date": day} for day in sorted(days)],
    }
    await send(stage, "SetHolidays", document)


async def test_a_day_that_becomes_a_holiday_has_its_prices_in_new_holds_only(
    stage: Stage, house: House
) -> None:
    market = Market(stage)
    holiday_bani = 9_900
    line = next(each for each in market.prices["lines"] if each["ticket_type"] == "ADULT")
    market.prices["lines"].append(
        line
        | {
            "weekdays": [],
            "public_holidays": True,
            "price": line["price"] | {"minor_units": holiday_bani},
        }
    )
    screening = await market.open()
    buyer = await Buyer.guest(stage, "Dan")
    hold = await buyer.hold(screening.id, await two_seats(house, screening))
    before = await holidays_of(stage, screening)

    try:
        await publish(
            lambda market: set_holidays(market.stage, screening, before ^ {day_of(screening)}),
            market,
            screening,
            house,
        )
        (price, _), *_ = await quoted_to_others(stage, screening, house)
        order = await buyer.place(hold)
    finally:
        await set_holidays(stage, screening, before)

    # Where tomorrow is a holiday already, it becomes an ordinary day.
    assert (price == holiday_bani) is (day_of(screening) not in before)
    assert terms_of(order) == terms_of(hold)
