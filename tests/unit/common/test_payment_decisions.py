"""What payment is told about several attempts at once."""

from typing import Any
from uuid import UUID, uuid4

from cinema.payment.v1 import payment_decision_service_pb2 as pb
from cinema.type.v1.money_pb2 import Money as MoneyMessage

from services.common.errors import DependencyUnavailableError
from services.common.money import Money
from services.common.rpc.payment_decisions import Decided, PaymentDecisions

NOBODY: Any = None


class Owner(PaymentDecisions):
    """Decides what a test says; fails with what a test says."""

    def __init__(self, said: dict[UUID, Decided | Exception]) -> None:
        self.said = said

    async def decide(self, reference_id: UUID, attempt: int, amount: Money) -> Decided:
        del attempt, amount
        said = self.said[reference_id]
        if isinstance(said, Exception):
            raise said
        return said


async def test_each_attempt_is_decided_apart_in_the_order_of_the_question() -> None:
    said: dict[UUID, Decided | Exception] = {
        uuid4(): Decided(capture_now=True),
        uuid4(): Decided("HOLD_EXPIRED"),
        uuid4(): DependencyUnavailableError("catalog"),
        uuid4(): ZeroDivisionError(),
        uuid4(): Decided(),
    }

    answer = await Owner(said).DecideAuthorizations(question(list(said)), NOBODY)

    assert [each.decision for each in answer.decisions] == [
        pb.DECISION_GRANT,
        pb.DECISION_REFUSE,
        pb.DECISION_UNSPECIFIED,
        pb.DECISION_UNSPECIFIED,
        pb.DECISION_GRANT,
    ]
    assert answer.decisions[1].refusal_reason == pb.REFUSAL_REASON_HOLD_EXPIRED
    assert [each.capture_now for each in answer.decisions] == [True, False, False, False, False]


def question(reference_ids: list[UUID]) -> pb.DecideAuthorizationsRequest:
    return pb.DecideAuthorizationsRequest(
        attempts=[
            pb.AuthorizedAttempt(
                reference_id=str(reference_id),
                attempt=1,
                amount=MoneyMessage(currency_code="RON", minor_units=100),
            )
            for reference_id in reference_ids
        ],
        request_id=str(uuid4()),
    )
