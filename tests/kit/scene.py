"""Really existing things to ask about: each is made by public calls when it is first needed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import grpc
from cinema.booking.v1 import hold_pb2, order_pb2
from cinema.catalog.v1 import programme_service_pb2, screening_pb2
from cinema.wallet.v1 import card_pb2, wallet_admin_service_pb2

from deploy.demo.attach import clock_of
from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage
from deploy.local.record import StackRecord
from deploy.programme.chain import EFFECTIVE_TIME, POLICY
from deploy.programme.chain_facts import TIME_ZONE, Cinema
from deploy.programme.schedule import Show
from tests.kit.callers import Callers
from tests.kit.small_programme import (
    SMALL_CINEMAS,
    VERSION,
    create_cinema,
    import_shows,
    local_today,
    make_hall,
    send,
    terms_document,
)

_STARTED_MINUTES_AGO = 30
_GRID_MINUTES = 5
# What one scene needs at most.
MIN_UNTOUCHED_RUNS, MIN_SEATS_OF_RUN = 3, 6
MAX_CHOICES = 4


@dataclass
class Scene:
    """A guest, an account and staff with holds, orders, a card and a cinema of their own."""

    stage: Stage
    record: StackRecord
    house: House = field(init=False)
    callers: Callers = field(init=False)
    cinema_id: str = field(default_factory=lambda: f"bad-{uuid4().hex[:12]}")
    product_code: str = field(default_factory=lambda: f"bad-{uuid4().hex[:12]}")
    # Screening and seat.
    _taken: ClassVar[set[tuple[str, str]]] = set()
    _made: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    _screening: screening_pb2.Screening | None = None

    def __post_init__(self) -> None:
        self.house = House(self.stage)
        self.callers = Callers(self.record)

    async def once(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """Make a thing when it is first asked for; everybody gets the same."""
        if name not in self._made:
            self._made[name] = asyncio.ensure_future(make())
        return await self._made[name]

    async def guest(self) -> Buyer:
        buyer: Buyer = await self.once("guest", lambda: Buyer.guest(self.stage, "Ana"))
        return buyer

    async def account(self) -> Buyer:
        async def make() -> Buyer:
            return Buyer.account(self.stage, "Mihai")

        buyer: Buyer = await self.once("account", make)
        return buyer

    async def now(self) -> datetime:
        """The suite's time when it was first asked for."""
        moment: datetime = await self.once("now", clock_of(self.record).now)
        return moment

    async def screening(self) -> screening_pb2.Screening:
        """A screening on sale, tomorrow, with rows that no scene of this process has touched."""
        if self._screening is None or not await self._has_room(self._screening):
            self._screening = await self._screening_with_room()
        return self._screening

    async def _screening_with_room(self) -> screening_pb2.Screening:
        tomorrow = (local_today() + timedelta(days=1)).isoformat()
        screenings = await self.house.screenings(SMALL_CINEMAS[0].cinema_id, tomorrow)
        for screening in reversed(screenings):
            if await self._has_room(screening):
                return screening
        raise LookupError("Every screening is nearly full.")

    async def _has_room(self, screening: screening_pb2.Screening) -> bool:
        runs = (await self.house.free_seats(screening.id)).runs
        long = [run for run in runs if len(run) >= MIN_SEATS_OF_RUN]
        untouched = [run for run in long if self._is_untouched(screening.id, run)]
        return len(untouched) >= MIN_UNTOUCHED_RUNS

    async def free_seats(self, count: int) -> list[str]:
        """Adjacent seats that are free, and that no scene of this process has taken before."""
        screening_id = (await self.screening()).id
        # A seat map may be some milliseconds old: it does not show the scene before us. Two seats
        # that nobody took on each side make a choice legal whatever became of the others; the end
        # of a run does when nobody gives a seat back beside it at this moment.
        runs = (await self.house.free_seats(screening_id)).runs
        choices = [
            (run[at : at + count], run[max(0, at - 2) : at + count + 2], min(at, rest) < 2)
            for run in runs
            for at, rest in enumerate(range(len(run) - count, -1, -1))
            if 1 not in (at, rest)
        ]
        for seats, near, _ in sorted(choices, key=lambda choice: choice[2]):
            if self._is_untouched(screening_id, near):
                return self._take(screening_id, seats)
        raise LookupError(f"No {count} free seats are left.")

    async def seats_for_later(self, count: int) -> list[str]:
        """Free seats that are asked for later, or never: what is beside them stays free as well."""
        screening_id = (await self.screening()).id
        for run in reversed((await self.house.free_seats(screening_id)).runs):
            if len(run) > count + 1 and self._is_untouched(screening_id, run):
                return self._take(screening_id, run)[:count]
        raise LookupError("No row is left that nobody sits in.")

    def _is_untouched(self, screening_id: str, run: Sequence[str]) -> bool:
        return self._taken.isdisjoint((screening_id, seat) for seat in run)

    def _take(self, screening_id: str, seats: Sequence[str]) -> list[str]:
        self._taken.update((screening_id, seat) for seat in seats)
        return list(seats)

    async def hold(self, buyer: Buyer) -> hold_pb2.Hold:
        """A new hold of one seat."""
        screening_id = (await self.screening()).id
        for _ in range(MAX_CHOICES - 1):
            try:
                return await buyer.hold(screening_id, await self.free_seats(1))
            except grpc.aio.AioRpcError as error:
                if reason_of(error) not in {"SINGLE_SEAT_LEFT", "SEAT_UNAVAILABLE"}:
                    raise
        return await buyer.hold(screening_id, await self.free_seats(1))

    async def guest_hold(self) -> hold_pb2.Hold:
        buyer = await self.guest()
        hold: hold_pb2.Hold = await self.once("guest hold", lambda: self.hold(buyer))
        return hold

    async def account_hold(self) -> hold_pb2.Hold:
        buyer = await self.account()
        hold: hold_pb2.Hold = await self.once("account hold", lambda: self.hold(buyer))
        return hold

    async def guest_order(self) -> order_pb2.Order:
        """An order that waits for its payment."""
        buyer = await self.guest()

        async def make() -> order_pb2.Order:
            return await buyer.payable(await buyer.place(await self.hold(buyer)))

        order: order_pb2.Order = await self.once("guest order", make)
        return order

    async def card(self) -> card_pb2.Card:
        """A card in the account's wallet."""

        async def make() -> card_pb2.Card:
            number = await self.house.issue_card(await self.now())
            return await (await self.account()).register_card(number)

        card: card_pb2.Card = await self.once("card", make)
        return card

    async def unregistered_number(self) -> str:
        """The number of a card that is in nobody's wallet."""
        return await self.house.issue_card(await self.now())

    async def cinema(self) -> str:
        """A cinema of this scene alone, with a hall and prices, where nothing is on sale."""

        async def make() -> str:
            await create_cinema(
                self.stage, self.cinema_facts, [make_hall(self.cinema_facts, 1, 40)]
            )
            return self.cinema_id

        cinema_id: str = await self.once("cinema", make)
        return cinema_id

    @property
    def cinema_facts(self) -> Cinema:
        return Cinema(self.cinema_id, "Zz Bad input", "Arad", "+40314130140", 1)

    async def running_screening(self) -> screening_pb2.Screening:
        """A screening of the scene's own cinema that began half an hour ago."""

        async def make() -> screening_pb2.Screening:
            await self.cinema()
            start = (await self.now()).astimezone(ZoneInfo(TIME_ZONE)).replace(tzinfo=None)
            start -= timedelta(minutes=_STARTED_MINUTES_AGO + start.minute % _GRID_MINUTES)
            start = start.replace(second=0, microsecond=0)
            hall = make_hall(self.cinema_facts, 1, 40)
            show = Show(f"{self.cinema_id}-1", hall, VERSION, start.date(), start)
            await import_shows(self.stage, self.cinema_id, [show])
            listed = await self.stage.programme.ListScreenings(
                programme_service_pb2.ListScreeningsRequest(
                    cinema_id=self.cinema_id, date=start.date().isoformat(), include_not_sold=True
                ),
                timeout=CALL_TIMEOUT_S,
            )
            found: screening_pb2.Screening = listed.screenings[0]
            return found

        screening: screening_pb2.Screening = await self.once("running", make)
        return screening

    async def terms(self) -> dict[str, Any]:
        """Terms of a policy of this scene alone, published."""

        async def make() -> dict[str, Any]:
            document = self.new_terms()
            await send(self.stage, "PublishTerms", document)
            return document

        document: dict[str, Any] = await self.once("terms", make)
        return document

    def new_terms(self) -> dict[str, Any]:
        """The PublishTerms request of a policy that nobody has published."""
        document = terms_document()
        code = f"bad-{uuid4().hex[:12]}"
        document["terms"] |= {"policy_code": code}
        document["terms"]["policy"] = {**document["terms"]["policy"], "code": code}
        return document

    async def promotion(self) -> str:
        """The ID of a promotion of the scene's own cinema."""

        async def make() -> str:
            document = {**self.new_promotion(), "cinema_ids": [await self.cinema()]}
            published = await send(self.stage, "PublishPromotion", {"promotion": document})
            return str(published.promotion.id)

        promotion_id: str = await self.once("promotion", make)
        return promotion_id

    def new_promotion(self) -> dict[str, Any]:
        """A promotion that nobody has published."""
        return {
            "code": f"BAD-{uuid4().hex[:12]}",
            "policy_code": POLICY,
            "effective_time": EFFECTIVE_TIME,
            "end_time": "2100-01-01T00:00:00Z",
            "percent_off": 10,
            "regulations": {"version": "1", "text": "Ten percent off."},
        }

    async def product(self) -> str:
        """A card product of this scene alone."""

        async def make() -> str:
            await self.stage.wallet_admin.DefineProduct(
                wallet_admin_service_pb2.DefineProductRequest(
                    product=self.new_product(), request_id=str(uuid4())
                ),
                metadata=self.stage.staff("operator"),
                timeout=CALL_TIMEOUT_S,
            )
            return self.product_code

        code: str = await self.once("product", make)
        return code

    def new_product(self) -> wallet_admin_service_pb2.CardProduct:
        return wallet_admin_service_pb2.CardProduct(
            code=self.product_code,
            name="Bad input",
            places=3,
            formats=["2D"],
            areas=["STANDARD"],
            event_kinds=["FILM"],
            weekdays=[1, 2],
            cinema_ids=["1808"],
            conditions="None.",
            conditions_version="1",
        )


def utc_date(moment: datetime) -> str:
    """Write the date as `YYYY-MM-DD`."""
    return moment.astimezone(UTC).date().isoformat()
