"""The wallet and payment, asked and told about persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from cinema.payment.v1 import subject_service_pb2 as payment_pb
from cinema.payment.v1.subject_service_pb2_grpc import SubjectServiceStub as PaymentStub
from cinema.wallet.v1 import subject_service_pb2 as wallet_pb
from cinema.wallet.v1.subject_service_pb2_grpc import SubjectServiceStub as WalletStub

from services.booking.adapters.payment_client import PAYMENT
from services.booking.adapters.wallet_client import WALLET
from services.booking.domain.erasure import Losses
from services.booking.domain.privacy import Person
from services.booking.domain.privacy_errors import ErasureBlockedError
from services.booking.use_cases.privacy_ports import Correction, WalletPage
from services.common.errors import DependencyUnavailableError, InvalidPageTokenError
from services.common.ids import new_id
from services.common.rpc.client import Peer, refusal_of
from services.common.rpc.money import money_of
from services.common.subjects import SubjectRecord

MAX_REFERENCES_PER_CALL = 100


@dataclass(frozen=True, slots=True)
class WalletSubjectsClient:
    """The port `WalletSubjects`."""

    peer: Peer
    call_timeout_ms: int

    async def page(self, person: Person, page_token: str, request_id: UUID) -> WalletPage:
        request = wallet_pb.ExportSubjectRequest(
            account_id=str(person.account_id or ""),
            order_ids=[str(person.order_id)] if person.order_id else [],
            page_token=page_token,
            request_id=str(request_id),
        )
        answer = await self._call("ExportSubject", request)
        return WalletPage(_records(answer.records), answer.next_page_token)

    async def erase(self, account_id: UUID, subject_id: UUID, *, dry_run: bool) -> Losses:
        request = wallet_pb.EraseSubjectRequest(
            account_id=str(account_id),
            subject_id=str(subject_id),
            dry_run=dry_run,
            request_id=str(new_id()),
        )
        answer = await self._call("EraseSubject", request)
        return Losses(
            answer.places_lost,
            answer.points_lost,
            [money_of(value) for value in answer.value_lost],
            [UUID(purchase_id) for purchase_id in answer.purchase_ids],
        )

    async def rectify(self, account_id: UUID, correction: Correction) -> None:
        request = wallet_pb.RectifySubjectRequest(
            account_id=str(account_id),
            last_name=correction.last_name,
            email=correction.email,
            request_id=str(new_id()),
        )
        await self._call("RectifySubject", request)

    async def stop_reminders(self, account_id: UUID, *, stopped: bool) -> None:
        request = wallet_pb.StopRemindersRequest(
            account_id=str(account_id), stopped=stopped, request_id=str(new_id())
        )
        await self._call("StopReminders", request)

    async def _call(self, name: str, request: Any) -> Any:
        call = getattr(self.peer.stub(WalletStub), name)
        return await _answer(WALLET, call(request, timeout=self.call_timeout_ms / 1_000))


@dataclass(frozen=True, slots=True)
class PaymentSubjectsClient:
    """The port `PaymentSubjects`; as many purchases as there are, some in each call."""

    peer: Peer
    call_timeout_ms: int

    async def records(self, reference_ids: Sequence[UUID]) -> Sequence[SubjectRecord]:
        found: list[SubjectRecord] = []
        for some in _chunks(reference_ids):
            request = payment_pb.ExportSubjectRequest(reference_ids=some, request_id=str(new_id()))
            while True:
                answer = await self._call("ExportSubject", request)
                found += _records(answer.records)
                request.page_token = answer.next_page_token
                if not request.page_token:
                    break
        return found

    async def erase(self, reference_ids: Sequence[UUID], *, dry_run: bool) -> None:
        for some in _chunks(reference_ids):
            request = payment_pb.EraseSubjectRequest(
                reference_ids=some, dry_run=dry_run, request_id=str(new_id())
            )
            await self._call("EraseSubject", request)

    async def _call(self, name: str, request: Any) -> Any:
        call = getattr(self.peer.stub(PaymentStub), name)
        return await _answer(PAYMENT, call(request, timeout=self.call_timeout_ms / 1_000))


def _chunks(reference_ids: Sequence[UUID]) -> list[list[str]]:
    texts = [str(reference_id) for reference_id in reference_ids]
    size = MAX_REFERENCES_PER_CALL
    return [texts[begin : begin + size] for begin in range(0, len(texts), size)]


def _records(messages: Any) -> list[SubjectRecord]:
    return [SubjectRecord(message.kind, message.json) for message in messages]


async def _answer(peer: str, call: Any) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        refusal = refusal_of(error)
        match refusal.reason:
            case "ERASURE_BLOCKED":
                blocked_by = refusal.metadata.get("blocked_by", "").split(",")
                raise ErasureBlockedError(blocked_by) from error
            case "INVALID_PAGE_TOKEN":
                raise InvalidPageTokenError from error
            case _:
                raise DependencyUnavailableError(peer) from error
