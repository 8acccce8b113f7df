"""What booking tells the wallet of a screening: a place is judged by its date and nothing else."""

from uuid import uuid4

import pytest

from services.booking.adapters.facts_messages import facts_of
from services.booking.adapters.wallet_client import screening_for_wallet
from tests.kit.booking_seats import sales_facts


@pytest.mark.rule("CARD-17")
@pytest.mark.rule("CARD-1")
@pytest.mark.parametrize(
    ("local_start", "business_day", "local_date"),
    [
        ("2026-05-20T23:50", "2026-05-20", "2026-05-20"),
        ("2026-05-21T00:15", "2026-05-20", "2026-05-21"),
    ],
)
def test_a_place_is_judged_by_the_calendar_date_of_the_screening(
    local_start: str, business_day: str, local_date: str
) -> None:
    answer = sales_facts(uuid4())
    answer.screening.local_start = local_start
    answer.screening.business_day = business_day
    answer.public_holiday = True

    told = screening_for_wallet(facts_of(answer))

    assert told.local_date == local_date
    assert told.public_holiday
    assert (told.cinema_id, told.format, told.event_kind) == ("1818", "2D", "FILM")
