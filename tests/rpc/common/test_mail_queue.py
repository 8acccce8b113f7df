"""The e-mails in trouble over a real channel: who may see them, and what is told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.type.v1 import mail_queue_service_pb2 as pb
from cinema.type.v1.mail_queue_service_pb2_grpc import (
    MailQueueServiceStub,
    add_MailQueueServiceServicer_to_server,
)

from services.common.mail.mail_queue_servicer import MailQueueServicer
from services.common.mail.waiting import MailNotFoundError, TroubledMail
from services.common.operators import Operator
from services.common.rpc.paging import PageTokens
from tests.kit.booking_rpc import Metadata, as_guest, as_staff, refused, served

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
OPERATOR = as_staff("operator")


class FakeMails:
    """Three e-mails in trouble, one of them given up."""

    def __init__(self) -> None:
        self.mails = [
            TroubledMail(
                id=uuid4(),
                kind="order-confirmed",
                attempts=number,
                last_problem="SMTPDataError 451",
                create_time=NOW + timedelta(seconds=number),
                next_attempt_time=NOW + timedelta(hours=1),
                give_up_time=NOW if number == 3 else None,
            )
            for number in (1, 2, 3)
        ]
        self.decided: list[tuple[str, UUID, str]] = []

    async def list(
        self, *, after: tuple[datetime, UUID] | None, page_size: int
    ) -> Sequence[TroubledMail]:
        rest = [mail for mail in self.mails if after is None or mail.create_time > after[0]]
        return rest[:page_size]

    async def retry(self, mail_id: UUID, operator: Operator) -> None:
        self._decide("retry", mail_id, operator)

    async def discard(self, mail_id: UUID, operator: Operator) -> None:
        self._decide("discard", mail_id, operator)

    def _decide(self, what: str, mail_id: UUID, operator: Operator) -> None:
        if mail_id not in {mail.id for mail in self.mails}:
            raise MailNotFoundError(mail_id)
        self.decided.append((what, mail_id, operator.request_id))


@pytest.fixture
def mails() -> FakeMails:
    return FakeMails()


@pytest.fixture
async def stub(mails: Any) -> Any:
    servicer = MailQueueServicer(mails, PageTokens.from_secret(b"pages"))
    async with served(partial(add_MailQueueServiceServicer_to_server, servicer)) as channel:
        yield MailQueueServiceStub(channel)


async def test_operators_see_what_is_stuck_by_page_and_not_whom_it_is_for(
    stub: Any, mails: FakeMails
) -> None:
    request = pb.ListTroubledMailsRequest(page_size=2)

    first = await stub.ListTroubledMails(request, metadata=OPERATOR)
    request.page_token = first.next_page_token
    second = await stub.ListTroubledMails(request, metadata=OPERATOR)

    assert [mail.id for mail in (*first.mails, *second.mails)] == [str(m.id) for m in mails.mails]
    assert [mail.is_given_up for mail in (*first.mails, *second.mails)] == [False, False, True]
    assert not second.mails[0].HasField("next_attempt_time")
    assert second.next_page_token == ""
    assert "recipient" not in pb.TroubledMail.DESCRIPTOR.fields_by_name


async def test_operators_decide_about_an_email(stub: Any, mails: FakeMails) -> None:
    mail_id, request_id = mails.mails[2].id, str(uuid4())

    await stub.RetryMail(
        pb.RetryMailRequest(id=str(mail_id), request_id=request_id), metadata=OPERATOR
    )
    await stub.DiscardMail(
        pb.DiscardMailRequest(id=str(mail_id), request_id=request_id), metadata=OPERATOR
    )

    assert mails.decided == [("retry", mail_id, request_id), ("discard", mail_id, request_id)]


async def test_an_unknown_email_is_not_found(stub: Any) -> None:
    unknown = str(uuid4())

    answer = await refused(
        stub.RetryMail(pb.RetryMailRequest(id=unknown, request_id=unknown), metadata=OPERATOR)
    )

    assert (answer.reason, answer.metadata["id"]) == ("MAIL_NOT_FOUND", unknown)


@pytest.mark.parametrize("caller", [as_guest(), as_staff("usher", "customer_service")])
async def test_nobody_else_sees_or_decides(stub: Any, caller: Metadata) -> None:
    answer = await refused(stub.ListTroubledMails(pb.ListTroubledMailsRequest(), metadata=caller))

    assert answer.reason == "PERMISSION_DENIED"
