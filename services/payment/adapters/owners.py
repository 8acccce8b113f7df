"""Asks the owner of a purchase over gRPC."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import grpc
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import PaymentDecisionServiceStub
from cinema.type.v1 import money_pb2

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.common.money import Money
from services.common.rpc.client import Peer, refusal_of
from services.payment.domain.states import Decision
from services.payment.use_cases.ports import OwnerUnavailableError, Verdict

_log = get_logger(__name__)
_REASON_PREFIX: Final = "REFUSAL_REASON_"


@dataclass(frozen=True, slots=True)
class GrpcOwners:
    """The owners by name. Each serves `PaymentDecisionService`."""

    peers: Mapping[str, Peer]
    decision_timeout_ms: int = 3_000

    async def decide(self, owner: str, reference_id: UUID, attempt: int, amount: Money) -> Verdict:
        peer = self.peers.get(owner)
        if peer is None:
            raise OwnerUnavailableError(owner)
        request = decision_pb.DecideAuthorizationRequest(
            reference_id=str(reference_id),
            attempt=attempt,
            amount=money_pb2.Money(currency_code=amount.currency, minor_units=amount.minor_units),
            # The same on every retry, without storing it.
            request_id=str(uuid5(NAMESPACE_OID, f"decide:{owner}:{reference_id}:{attempt}")),
        )
        stub = peer.stub(PaymentDecisionServiceStub)
        try:
            answer = await stub.DecideAuthorization(
                request, timeout=self.decision_timeout_ms / 1_000
            )
        except DomainError as error:
            raise OwnerUnavailableError(owner) from error
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
            _log.warning("decision_not_given", owner=owner, code=error.code().name,
                         reason=refusal.reason)  # fmt: skip
            raise OwnerUnavailableError(owner) from error
        return _verdict(owner, answer)


def _verdict(owner: str, answer: decision_pb.DecideAuthorizationResponse) -> Verdict:
    if answer.decision == decision_pb.DECISION_GRANT:
        return Verdict(Decision.GRANT, None, answer.capture_now)
    if answer.decision == decision_pb.DECISION_REFUSE:
        name = decision_pb.RefusalReason.Name(answer.refusal_reason)
        return Verdict(Decision.REFUSE, name.removeprefix(_REASON_PREFIX))
    raise OwnerUnavailableError(owner)
