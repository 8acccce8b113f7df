from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import grpc
from cinema.payment.v1 import audit_pb2, events_pb2
from cinema.payment.v1 import audit_service_pb2 as pb
from cinema.payment.v1.audit_service_pb2_grpc import AuditServiceServicer
from cinema.type.v1 import money_pb2

from services.common import ids
from services.common.rpc.call import current_caller
from services.common.rpc.money import money_to_proto
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.times import optional_moment_of, timestamp_of
from services.payment.domain.exception_case import ExceptionCase, Repair
from services.payment.use_cases.audit_ports import (
    BookedEntry,
    Place,
    ProviderDay,
    Settlement,
    SettlementScope,
)
from services.payment.use_cases.get_settlement import GetSettlement
from services.payment.use_cases.list_exceptions import ListExceptions
from services.payment.use_cases.list_journal import ListJournal
from services.payment.use_cases.resolve_exception import Decision, ResolveException

Context = grpc.aio.ServicerContext[Any, Any]
_PARTS: Final = (
    *("captured", "tickets", "supplements", "service_fees", "goods", "prepaid_cards"),
    *("refunds_pending", "refunded", "vouchers", "lapsed_remedies", "exceptions", "unexplained"),
)


@dataclass(frozen=True)
class AuditServicer(AuditServiceServicer):
    """`AuditService`."""

    get_settlement: GetSettlement
    list_exceptions: ListExceptions
    resolve_exception: ResolveException
    list_journal: ListJournal
    page_tokens: PageTokens

    async def GetSettlement(
        self, request: pb.GetSettlementRequest, context: Context
    ) -> pb.GetSettlementResponse:
        del context
        settlements, days = await self.get_settlement(
            SettlementScope(
                reference_id=_reference(request),
                booked_from=optional_moment_of(request, "booked_from"),
                booked_before=optional_moment_of(request, "booked_before"),
            )
        )
        return pb.GetSettlementResponse(
            settlements=[_settlement(each) for each in settlements],
            provider_days=[_day(each) for each in days],
        )

    async def ListExceptions(
        self, request: pb.ListExceptionsRequest, context: Context
    ) -> pb.ListExceptionsResponse:
        del context
        page_size = page_size_of(request.page_size)
        after = _place(self.page_tokens.open(request.page_token, request))
        found = await self.list_exceptions(
            after, page_size + 1, with_resolved=request.with_resolved
        )
        page, token = self.page_tokens.cut(
            found, page_size, lambda each: (each.open_time.isoformat(), str(each.id)), request
        )
        exceptions = [_exception(case) for case in page]
        return pb.ListExceptionsResponse(exceptions=exceptions, next_page_token=token)

    async def ResolveException(
        self, request: pb.ResolveExceptionRequest, context: Context
    ) -> pb.ResolveExceptionResponse:
        del context
        caller = current_caller()
        case = await self.resolve_exception(
            Decision(
                exception_id=ids.parse(request.exception_id, field="exception_id"),
                repair=Repair(audit_pb2.Repair.Name(request.repair).removeprefix("REPAIR_")),
                reason=request.reason,
                actor=caller.subject,
                roles=sorted(caller.roles),
                request_id=request.request_id,
            )
        )
        return pb.ResolveExceptionResponse(exception=_exception(case))

    async def ListJournal(
        self, request: pb.ListJournalRequest, context: Context
    ) -> pb.ListJournalResponse:
        del context
        page_size = page_size_of(request.page_size)
        after = _place(self.page_tokens.open(request.page_token, request))
        found = await self.list_journal(_reference(request), after, page_size + 1)
        page, token = self.page_tokens.cut(
            found, page_size, lambda each: (each.occur_time.isoformat(), str(each.id)), request
        )
        return pb.ListJournalResponse(
            entries=[_entry(each) for each in page], next_page_token=token
        )


def _reference(request: pb.GetSettlementRequest | pb.ListJournalRequest) -> UUID | None:
    if not request.reference_id:
        return None
    return ids.parse(request.reference_id, field="reference_id")


def _place(keyset: Keyset | None) -> Place | None:
    if keyset is None:
        return None
    return Place(datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1])))


def _settlement(found: Settlement) -> audit_pb2.Settlement:
    parts = {
        name: money_pb2.Money(currency_code=found.currency, minor_units=getattr(found, name))
        for name in _PARTS
    }
    return audit_pb2.Settlement(**parts, open_exceptions=found.open_exceptions)


def _day(day: ProviderDay) -> audit_pb2.ProviderDay:
    return audit_pb2.ProviderDay(
        pos_id=day.pos_id,
        date=day.day.isoformat(),
        orders=day.orders,
        captured=money_to_proto(day.captured),
        differences=day.differences,
        compare_time=timestamp_of(day.compare_time or datetime.now(UTC)),
    )


def _exception(case: ExceptionCase) -> audit_pb2.PaymentException:
    return audit_pb2.PaymentException(
        id=str(case.id),
        cause=events_pb2.PaymentQuarantined.Cause.Value(f"CAUSE_{case.cause}"),
        reference_id="" if case.reference_id is None else str(case.reference_id),
        attempt=case.attempt or 0,
        pos_id=case.pos_id,
        provider_order_id=case.provider_order_id,
        reported=None if case.reported is None else money_to_proto(case.reported),
        repairs=[audit_pb2.Repair.Value(f"REPAIR_{repair}") for repair in case.repairs],
        advice=case.advice,
        open_time=timestamp_of(case.open_time),
        resolve_time=None if case.resolve_time is None else timestamp_of(case.resolve_time),
        resolved_by=case.resolved_by or "",
        resolve_reason=case.resolve_reason or "",
    )


def _entry(entry: BookedEntry) -> audit_pb2.JournalEntry:
    return audit_pb2.JournalEntry(
        id=str(entry.id),
        kind=entry.kind,
        key=entry.key,
        reference_id="" if entry.reference_id is None else str(entry.reference_id),
        occur_time=timestamp_of(entry.occur_time),
        postings=[
            audit_pb2.JournalEntry.Posting(account=account, amount=money_to_proto(amount))
            for account, amount in entry.postings
        ],
    )
