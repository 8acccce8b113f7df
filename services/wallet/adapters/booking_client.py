"""Asks booking what is to become of a leg."""

from dataclasses import dataclass
from datetime import timedelta

import grpc
from cinema.booking.v1 import leg_decision_service_pb2 as pb
from cinema.booking.v1.leg_decision_service_pb2_grpc import LegDecisionServiceStub

from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer
from services.wallet.domain.leg import LegKey
from services.wallet.use_cases.read_ports import Decision, LegVerdict

BOOKING = "booking"
BOOKING_SERVICES = ("cinema.booking.v1.LegDecisionService", "cinema.type.v1.EventFeedService")

_DECISIONS = {
    pb.LEG_DECISION_CAPTURE: Decision.CAPTURE,
    pb.LEG_DECISION_RELEASE: Decision.RELEASE,
}


@dataclass(frozen=True, slots=True)
class BookingLegs:
    """The port `LegDecisions`. What we do not understand is undecided."""

    peer: Peer
    min_ask_after: timedelta

    async def ask(self, key: LegKey) -> LegVerdict:
        stub = self.peer.stub(LegDecisionServiceStub)
        request = pb.GetLegDecisionRequest(
            order_id=str(key.order_id), leg=key.leg, attempt=key.attempt
        )
        try:
            answer = await stub.GetLegDecision(request)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(BOOKING) from error
        decision = _DECISIONS.get(answer.decision, Decision.UNDECIDED)
        return LegVerdict(decision, max(answer.ask_after.ToTimedelta(), self.min_ask_after))
