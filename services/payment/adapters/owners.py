"""Asks the owners of purchases over gRPC, together about what came together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import grpc
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import PaymentDecisionServiceStub

from services.common.errors import DomainError
from services.common.gathering import Gathering
from services.common.logging import get_logger
from services.common.money import Money
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.money import money_to_proto
from services.payment.domain.states import Decision
from services.payment.use_cases.ports import OwnerUnavailableError, Verdict

_log = get_logger(__name__)
_REASON_PREFIX: Final = "REFUSAL_REASON_"
# As the contract says.
_MAX_ATTEMPTS_IN_A_CALL: Final = 64
# One that is slow, because of one of its attempts, holds up no others.
_MAX_CALLS_IN_FLIGHT: Final = 8


class Question(NamedTuple):
    """An authorised attempt."""

    reference_id: UUID
    attempt: int
    amount: Money


@dataclass(frozen=True, slots=True)
class GrpcOwners:
    """The owners by name. Each serves `PaymentDecisionService`."""

    peers: Mapping[str, Peer]
    decision_timeout_ms: int = 3_000
    _asking: dict[str, Gathering[Question, Verdict]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for owner, peer in self.peers.items():
            self._asking[owner] = Gathering(
                partial(self._ask, owner, peer),
                max_parts=_MAX_ATTEMPTS_IN_A_CALL,
                max_runs=_MAX_CALLS_IN_FLIGHT,
            )

    async def decide(self, owner: str, reference_id: UUID, attempt: int, amount: Money) -> Verdict:
        asking = self._asking.get(owner)
        if asking is None:
            raise OwnerUnavailableError(owner)
        return await asking.ask(Question(reference_id, attempt, amount))

    async def _ask(
        self, owner: str, peer: Peer, questions: Sequence[Question]
    ) -> Sequence[Verdict | Exception]:
        request = decision_pb.DecideAuthorizationsRequest(
            attempts=map(_attempt, questions), request_id=str(uuid4())
        )
        stub = peer.stub(PaymentDecisionServiceStub)
        try:
            answer = await stub.DecideAuthorizations(
                request, timeout=self.decision_timeout_ms / 1_000
            )
        except DomainError as error:
            raise OwnerUnavailableError(owner) from error
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
            _log.warning("decision_not_given", owner=owner, code=error.code().name,
                         reason=refusal.reason)  # fmt: skip
            raise OwnerUnavailableError(owner) from error
        return [_verdict(owner, decision) for decision in answer.decisions]


def _attempt(question: Question) -> decision_pb.AuthorizedAttempt:
    return decision_pb.AuthorizedAttempt(
        reference_id=str(question.reference_id),
        attempt=question.attempt,
        amount=money_to_proto(question.amount),
    )


def _verdict(
    owner: str, answer: decision_pb.DecideAuthorizationResponse
) -> Verdict | OwnerUnavailableError:
    if answer.decision == decision_pb.DECISION_GRANT:
        return Verdict(Decision.GRANT, None, answer.capture_now)
    if answer.decision == decision_pb.DECISION_REFUSE:
        name = decision_pb.RefusalReason.Name(answer.refusal_reason)
        return Verdict(Decision.REFUSE, name.removeprefix(_REASON_PREFIX))
    return OwnerUnavailableError(owner)
