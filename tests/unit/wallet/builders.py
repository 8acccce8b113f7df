"""Cards, screenings and seats for unit tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from services.common.money import Money
from services.wallet.domain.card import Card, CardState, PlaceLot
from services.wallet.domain.product import CardProduct
from services.wallet.domain.screening import ScreeningFacts, SeatFacts

CARTE_3 = CardProduct(
    code="carte-3",
    name="Carte 3 places",
    places=3,
    formats=frozenset({"2D", "3D", "IMAX", "4DX"}),
    supplements_included=False,
    areas=frozenset({"STANDARD"}),
    event_kinds=frozenset({"FILM"}),
    weekdays=frozenset(),
    valid_on_holidays=True,
    cinema_ids=frozenset(),
    max_seats_per_screening=0,
    conditions="Conditions.",
    conditions_version="1",
)
LAST_DATE = date(2027, 5, 20)


def a_product(**changes: Any) -> CardProduct:
    return replace(CARTE_3, **changes)


def a_lot(left: int = 3, last_date: date = LAST_DATE, lot_id: UUID | None = None) -> PlaceLot:
    return PlaceLot(lot_id or uuid4(), last_date, left, 0, 0)


def a_card(product: CardProduct = CARTE_3, lots: Sequence[PlaceLot] | None = None) -> Card:
    return Card(
        id=uuid4(),
        product=product,
        last_four="1234",
        state=CardState.REGISTERED,
        account_id=uuid4(),
        register_time=datetime(2027, 1, 1, tzinfo=UTC),
        lots=[a_lot()] if lots is None else lots,
    )


def a_screening(**changes: Any) -> ScreeningFacts:
    facts = ScreeningFacts(
        screening_id=uuid4(),
        cinema_id="iulius-cluj",
        local_date=LAST_DATE,
        public_holiday=False,
        format="2D",
        event_kind="FILM",
        cards_accepted=True,
    )
    return replace(facts, **changes)


def a_seat(seat_id: str = "F7", area: str = "STANDARD", supplement: int | None = None) -> SeatFacts:
    money = None if supplement is None else Money("RON", supplement)
    return SeatFacts(seat_id, area, money)
