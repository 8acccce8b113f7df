"""How the door judges: the order of refusals, the time of entry, what is looked at."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID, uuid4

import pytest

from services.booking.domain.admission import (
    AdmissionRefusal,
    CheckKind,
    Decision,
    Door,
    DoorTicket,
    EntryRules,
    Judgement,
    Wish,
    allowed_by_facts,
    judge,
)
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.domain.ticket import TicketState
from tests.kit.booking_order_builders import some_facts

RULES = EntryRules(timedelta(minutes=30), timedelta(0), 12)
SCREENING = UUID("0198c0de-0000-7000-8000-000000000002")
FACTS = replace(
    some_facts(ScreeningState.SCHEDULED), screening_id=SCREENING, hall_id="hall-3", rating="AG"
)
DOOR = Door("1818", "scanner-1", hall_id="hall-3", screening_id=SCREENING)
START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def a_ticket(**changes: object) -> DoorTicket:
    ticket = DoorTicket(
        id=uuid4(), screening_id=SCREENING, number="K7QF-3M4D-01", seat_id="A1", row_name="A",
        seat_number="1", ticket_type="ADULT", proof="", holder_checked=False,
        state=TicketState.VALID,
    )  # fmt: skip
    return replace(ticket, **changes)  # type: ignore[arg-type]


@dataclass
class Scene:
    """Everything that a judgement goes by; right unless changed."""

    ticket: DoorTicket
    door: Door = DOOR
    facts: ScreeningFacts = FACTS
    now: datetime = START

    def judge(self, decision: Decision = Decision.ADMIT, *checks: CheckKind) -> Judgement:
        wish = Wish(decision, self.door, checks)
        judgement = judge(wish, self.ticket, self.facts, RULES, self.now)
        # The statement's guard must not let through what the judgement refuses by the facts.
        assert allowed_by_facts(wish, self.facts, RULES) or not judgement.allows
        return judgement


TICKETS = {
    "DENIED": {"state": TicketState.DENIED},
    "NOT_PAID": {"order_state": "AWAITING_PAYMENT"},
    "CANCELLED": {"state": TicketState.CANCELLED},
    "ALREADY_ADMITTED": {"state": TicketState.ADMITTED},
}
DOORS = {
    "WRONG_CINEMA": {"cinema_id": "1806"},
    "WRONG_HALL": {"hall_id": "hall-4"},
    "WRONG_SCREENING": {"screening_id": uuid4()},
}
TIMES = {
    "TOO_EARLY": START - timedelta(minutes=30, microseconds=1),
    "TOO_LATE": START + timedelta(hours=2),
}


def spoil(scene: Scene, reason: str) -> None:
    scene.ticket = replace(scene.ticket, **TICKETS.get(reason, {}))  # type: ignore[arg-type]
    scene.door = replace(scene.door, **DOORS.get(reason, {}))  # type: ignore[arg-type]
    scene.now = TIMES.get(reason, scene.now)
    if reason == "SCREENING_OFF":
        scene.facts = replace(scene.facts, state=ScreeningState.CANCELLED)


# In the order of the contract.
REASONS = (
    "DENIED", "NOT_PAID", "CANCELLED", "SCREENING_OFF", "WRONG_CINEMA", "WRONG_HALL",
    "WRONG_SCREENING", "TOO_EARLY", "TOO_LATE", "ALREADY_ADMITTED",
)  # fmt: skip
_STATES = {"DENIED", "CANCELLED", "ALREADY_ADMITTED"}
PAIRS = [
    pair
    for pair in combinations(REASONS, 2)
    if not _STATES.issuperset(pair) and pair != ("TOO_EARLY", "TOO_LATE")
]


def test_nothing_wrong_is_let_in() -> None:
    assert Scene(a_ticket()).judge().allows


@pytest.mark.parametrize("reason", REASONS)
def test_each_thing_that_is_wrong_is_told(reason: str) -> None:
    scene = Scene(a_ticket())
    spoil(scene, reason)

    assert scene.judge().refusal == reason


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_things_that_are_wrong_the_first_is_told(first: str, second: str) -> None:
    scene = Scene(a_ticket())
    spoil(scene, second)
    spoil(scene, first)

    assert scene.judge().refusal == first


def test_a_cancelled_orders_tickets_are_cancelled_and_not_unpaid() -> None:
    assert Scene(a_ticket(order_state="CANCELLED")).judge().refusal == "CANCELLED"


def test_a_ticket_without_its_order_is_not_paid() -> None:
    assert Scene(a_ticket(order_state="")).judge().refusal == "NOT_PAID"


def test_a_door_to_every_hall_and_screening_asks_for_neither() -> None:
    assert Scene(a_ticket(), door=Door("1818", "scanner-1")).judge().allows


@pytest.mark.rule("OTC-27")
@pytest.mark.parametrize(
    ("rating", "age"),
    [("AG", 0), ("AP-12", 12), ("N-15", 15), ("IM-18", 18), ("IM-18-XXX", 18), ("-16", 16),
     ("UNRATED", 0), ("RATING_PENDING", 0), ("", 0), ("0+", 0)],
)  # fmt: skip
def test_the_age_of_the_rating_is_looked_at(rating: str, age: int) -> None:
    scene = Scene(a_ticket(), facts=replace(FACTS, rating=rating))

    assert RULES.min_age_years(scene.facts) == age
    assert scene.judge().checks == ([CheckKind.AGE] if age else [])


def test_a_chain_may_look_at_higher_ages_only() -> None:
    rules = replace(RULES, min_age_checked_years=18)

    assert rules.min_age_years(replace(FACTS, rating="N-15")) == 0
    assert rules.min_age_years(replace(FACTS, rating="IM-18")) == 18


@pytest.mark.rule("OTC-28")
def test_what_was_looked_at_is_not_looked_at_again() -> None:
    ticket = a_ticket(proof="STUDENT_CARD", holder_checked=True)
    scene = Scene(ticket, facts=replace(FACTS, rating="AP-12"))

    assert scene.judge().checks == [CheckKind.AGE, CheckKind.PROOF, CheckKind.HOLDER]
    assert scene.judge(Decision.ADMIT, CheckKind.PROOF).checks == [CheckKind.AGE, CheckKind.HOLDER]
    assert scene.judge(Decision.ADMIT, *CheckKind).allows


def test_refusing_is_not_bound_to_the_time_of_entry_nor_to_a_hall() -> None:
    for reason in ("TOO_EARLY", "TOO_LATE", "WRONG_HALL", "WRONG_SCREENING", "SCREENING_OFF"):
        scene = Scene(a_ticket())
        spoil(scene, reason)

        assert scene.judge(Decision.DENY).allows
        assert scene.judge(Decision.DENY_FINALLY).allows


@pytest.mark.parametrize("reason", ["DENIED", "NOT_PAID", "CANCELLED", "ALREADY_ADMITTED"])
def test_what_is_over_cannot_be_refused(reason: str) -> None:
    scene = Scene(a_ticket())
    spoil(scene, reason)

    assert scene.judge(Decision.DENY).refusal == reason
    assert scene.judge(Decision.DENY_FINALLY).refusal == reason


def test_who_was_in_comes_in_again_to_the_end_also_past_the_time_for_the_late() -> None:
    late = replace(RULES, late_limit=timedelta(minutes=15))
    ticket = a_ticket(state=TicketState.ADMITTED)
    wish = Wish(Decision.RE_ENTRY, DOOR)

    def at(after_start: timedelta) -> AdmissionRefusal | None:
        return judge(wish, ticket, FACTS, late, START + after_start).refusal

    assert at(timedelta(minutes=16)) is None
    assert at(timedelta(hours=2) - timedelta(microseconds=1)) is None
    assert at(timedelta(hours=2)) == "TOO_LATE"
    assert judge(wish, a_ticket(), FACTS, late, START).refusal == "NOT_ADMITTED"


def test_what_a_device_did_is_not_undone_by_hall_or_time() -> None:
    for reason in ("TOO_EARLY", "TOO_LATE", "WRONG_HALL", "WRONG_SCREENING", "SCREENING_OFF"):
        scene = Scene(a_ticket(proof="STUDENT_CARD"))
        spoil(scene, reason)
        wish = Wish(Decision.ADMIT, scene.door, is_past=True)

        assert judge(wish, scene.ticket, scene.facts, RULES, scene.now).allows
        assert allowed_by_facts(wish, scene.facts, RULES)


@pytest.mark.parametrize("reason", ["DENIED", "CANCELLED", "WRONG_CINEMA", "ALREADY_ADMITTED"])
def test_what_a_device_did_must_have_been_possible(reason: str) -> None:
    scene = Scene(a_ticket())
    spoil(scene, reason)
    wish = Wish(Decision.ADMIT, scene.door, is_past=True)

    assert judge(wish, scene.ticket, scene.facts, RULES, scene.now).refusal == reason
