"""The judge of answers must not sleep: each kind of wrong answer is noticed."""

import grpc
import pytest

from tests.kit.answers import Answer, faults_of
from tests.kit.attack import misjudged
from tests.kit.spoil import Judgement

NOT_FOUND = grpc.StatusCode.NOT_FOUND


def an_answer(**changes) -> Answer:
    fields = {
        "code": NOT_FOUND,
        "seconds": 0.01,
        "text": "There is no such order.",
        "reason": "ORDER_NOT_FOUND",
        "domain": "booking.cinema",
        "metadata": {"order_id": "1"},
    }
    return Answer(**{**fields, **changes})


def test_a_documented_refusal_has_no_fault() -> None:
    assert faults_of(an_answer()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "asyncpg.exceptions.DataError: invalid input"},
        {"text": 'File "/srv/app/hold.py", line 7'},
        {"text": "KeyError: 'seat'"},
        {"text": "SELECT 1 FROM hold"},
        {"metadata": {"order_id": "<class 'int'>"}},
        {"text": "x" * 2_000},
        {"seconds": 9.0},
        {"reason": "", "domain": ""},
        {"reason": "NO_SUCH_REASON"},
        {"domain": "wallet.cinema"},
        {"metadata": {}},
        {"code": grpc.StatusCode.FAILED_PRECONDITION},
        {"code": grpc.StatusCode.INTERNAL, "reason": "INTERNAL", "domain": "cinema"},
    ],
    ids=str,
)
def test_a_wrong_refusal_is_noticed(changes: dict[str, object]) -> None:
    assert faults_of(an_answer(**changes)) != []


def test_an_answer_to_what_must_be_refused_is_noticed() -> None:
    broken = Judgement(is_decodable=True, violated=frozenset({"seat_ids"}))
    refused = an_answer(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="INVALID_FIELD",
        domain="cinema",
        violations=(("seat_ids", "too many"),),
    )
    another_field = an_answer(
        code=refused.code, reason=refused.reason, violations=(("tickets", "too many"),)
    )

    assert misjudged(refused, broken) == []
    assert misjudged(another_field, broken) != []
    assert misjudged(Answer(grpc.StatusCode.OK, 0.01), broken) != []
