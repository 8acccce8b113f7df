"""Payment asks the owners of purchases over a real channel."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.payment.v1 import payment_decision_service_pb2 as pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import (
    PaymentDecisionServiceServicer,
    add_PaymentDecisionServiceServicer_to_server,
)

from services.common.money import Money
from services.common.rpc.client import Peer, open_channel
from services.payment.adapters.owners import GrpcOwners
from services.payment.domain.states import Decision
from services.payment.use_cases.ports import OwnerUnavailableError, Verdict

AMOUNT = Money("RON", 2_500)


@dataclass
class FakeOwner(PaymentDecisionServiceServicer):
    """Grants, but refuses `refused`, and has no answer yet about `undecided`.

    Calls with one of `slow` wait for the gate.
    """

    calls: list[list[str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False

    async def DecideAuthorization(  # noqa: N802 - the contract's name
        self, request: pb.DecideAuthorizationRequest, context: Any
    ) -> pb.DecideAuthorizationResponse:
        raise NotImplementedError

    async def DecideAuthorizations(  # noqa: N802 - the contract's name
        self, request: pb.DecideAuthorizationsRequest, context: Any
    ) -> pb.DecideAuthorizationsResponse:
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "")
        asked = [each.reference_id for each in request.attempts]
        self.calls.append(asked)
        self.was_asked.set()
        if self.slow.intersection(asked):
            await self.gate.wait()
        return pb.DecideAuthorizationsResponse(decisions=map(self._decide, asked))

    def _decide(self, reference_id: str) -> pb.DecideAuthorizationResponse:
        if reference_id in self.undecided:
            return pb.DecideAuthorizationResponse()
        if reference_id in self.refused:
            return pb.DecideAuthorizationResponse(
                decision=pb.DECISION_REFUSE, refusal_reason=pb.REFUSAL_REASON_ABANDONED
            )
        return pb.DecideAuthorizationResponse(decision=pb.DECISION_GRANT, capture_now=True)


@pytest.fixture
async def owner() -> AsyncIterator[tuple[FakeOwner, GrpcOwners]]:
    fake = FakeOwner()
    server = grpc.aio.server()
    add_PaymentDecisionServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    peer = Peer("booking", open_channel(f"127.0.0.1:{port}", max_attempts=1))
    yield fake, GrpcOwners({"booking": peer})
    await peer.close()
    await server.stop(None)


async def ask(owners: GrpcOwners, reference_id: UUID) -> Verdict:
    return await owners.decide("booking", reference_id, 1, AMOUNT)


async def test_what_is_authorised_together_is_asked_together_and_decided_apart(
    owner: tuple[FakeOwner, GrpcOwners],
) -> None:
    fake, owners = owner
    ids = [uuid4() for _ in range(3)]
    _, refused, undecided = ids
    fake.refused, fake.undecided = {str(refused)}, {str(undecided)}

    answers = await asyncio.gather(*(ask(owners, each) for each in ids), return_exceptions=True)

    assert fake.calls == [[str(each) for each in ids]]
    assert answers[0] == Verdict(Decision.GRANT, None, capture_now=True)
    assert answers[1] == Verdict(Decision.REFUSE, "ABANDONED")
    assert isinstance(answers[2], OwnerUnavailableError)


async def test_a_decision_that_takes_long_holds_up_none_that_is_asked_for_later(
    owner: tuple[FakeOwner, GrpcOwners],
) -> None:
    fake, owners = owner
    slow = uuid4()
    fake.slow = {str(slow)}
    waiting = asyncio.create_task(ask(owners, slow))
    await fake.was_asked.wait()

    later = await ask(owners, uuid4())
    was_waiting = not waiting.done()
    fake.gate.set()

    assert later.decision is Decision.GRANT
    assert was_waiting
    assert (await waiting).decision is Decision.GRANT


async def test_an_owner_that_does_not_answer_is_asked_again_later(
    owner: tuple[FakeOwner, GrpcOwners],
) -> None:
    fake, owners = owner
    fake.away = True

    with pytest.raises(OwnerUnavailableError):
        await ask(owners, uuid4())
    with pytest.raises(OwnerUnavailableError):
        await owners.decide("nobody", uuid4(), 1, AMOUNT)
