"""Serves payment's questions about purchases; registered by the services that own some."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.payment.v1 import payment_decision_service_pb2 as pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import PaymentDecisionServiceServicer

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.common.money import Money
from services.common.rpc.money import money_of

_log = get_logger(__name__)
_NOT_NOW = pb.DecideAuthorizationResponse()

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Question: TypeAlias = "pb.DecideAuthorizationRequest | pb.AuthorizedAttempt"


@dataclass(frozen=True, slots=True)
class Decided:
    """A grant, or the name of the reason why not. `capture_now`: payment may, right away."""

    refusal: str | None = None
    capture_now: bool = False


class PaymentDecisions(PaymentDecisionServiceServicer):
    """Purchase and attempt are the key of a decision; the request ID adds nothing to it."""

    @abstractmethod
    async def decide(self, reference_id: UUID, attempt: int, amount: Money) -> Decided:
        """Give the one decision about an attempt, for ever; a DomainError when not now."""

    async def DecideAuthorization(  # noqa: N802 - the RPC's name.
        self, request: pb.DecideAuthorizationRequest, context: Context
    ) -> pb.DecideAuthorizationResponse:
        del context
        return await self._decide(request)

    async def DecideAuthorizations(  # noqa: N802 - the RPC's name.
        self, request: pb.DecideAuthorizationsRequest, context: Context
    ) -> pb.DecideAuthorizationsResponse:
        del context
        attempts = request.attempts
        if len(attempts) == 1:  # Mostly: it needs no task of its own.
            decisions = [await self._decide_if_possible(attempts[0])]
        else:
            decisions = await asyncio.gather(*map(self._decide_if_possible, attempts))
        return pb.DecideAuthorizationsResponse(decisions=decisions)

    async def _decide_if_possible(self, question: Question) -> pb.DecideAuthorizationResponse:
        try:
            return await self._decide(question)
        except DomainError as error:
            _log.warning("decision_put_off", problem=error.reason)
        except Exception:  # noqa: BLE001 - the others are decided all the same.
            _log.exception("decision_broke", reference_id=question.reference_id)
        return _NOT_NOW

    async def _decide(self, question: Question) -> pb.DecideAuthorizationResponse:
        decided = await self.decide(
            UUID(question.reference_id), question.attempt, money_of(question.amount)
        )
        if decided.refusal is None:
            return pb.DecideAuthorizationResponse(
                decision=pb.DECISION_GRANT, capture_now=decided.capture_now
            )
        return pb.DecideAuthorizationResponse(
            decision=pb.DECISION_REFUSE,
            refusal_reason=pb.RefusalReason.Value(f"REFUSAL_REASON_{decided.refusal}"),
        )
