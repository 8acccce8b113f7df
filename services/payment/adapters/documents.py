"""Reads payments as the database's functions write them: one JSON document each."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.money import Money
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.lines import LineKind, PaymentLine
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, Decision, PaymentState
from services.payment.use_cases.ports import Locked


def read_locked(document: str) -> Locked:
    """Read the answer of `lock_payment` or `read_payment`."""
    content = json.loads(document)
    now = datetime.fromisoformat(content["now"])
    row = content["payment"]
    if row is None:
        return Locked(None, is_tombstone=False, now=now)
    if row["is_tombstone"]:
        return Locked(None, is_tombstone=True, now=now)
    return Locked(_payment(row, content["attempts"]), is_tombstone=False, now=now)


def _payment(row: dict[str, Any], attempts: list[dict[str, Any]]) -> Payment:
    return Payment(
        id=UUID(row["id"]),
        owner=row["owner"],
        reference_id=UUID(row["reference_id"]),
        amount=Money(row["currency"], row["amount"]),
        create_time=datetime.fromisoformat(row["create_time"]),
        state=PaymentState(row["state"]),
        captured=row["captured"],
        kept_fees=row["kept_fees"],
        refunded=row["refunded"],
        converted=row["converted"],
        event_version=row["event_version"],
        version=row["version"],
        lines=read_lines(row["lines"]),
        attempts={each["number"]: _attempt(each) for each in attempts},
    )


def read_lines(stored: dict[str, int] | None) -> tuple[PaymentLine, ...]:
    return tuple(PaymentLine(LineKind(kind), amount) for kind, amount in (stored or {}).items())


def _attempt(row: dict[str, Any]) -> PaymentAttempt:
    opening = row["opening"]
    decision = row["decision"]
    return PaymentAttempt(
        number=row["number"],
        reference_id=UUID(row["reference_id"]),
        pos_id=row["pos_id"],
        auto_receive=row["auto_receive"],
        expire_time=datetime.fromisoformat(row["expire_time"]),
        opening=None if opening is None else Opening(**opening),
        state=AttemptState(row["state"]),
        round=row["round"],
        provider_order_id=row["provider_order_id"],
        redirect_url=row["redirect_url"],
        decision=None if decision is None else Decision(decision),
        refusal_reason=row["refusal_reason"],
        decision_time=_time(row["decision_time"]),
        taken_early=row["taken_early"],
        capture_sent_time=_time(row["capture_sent_time"]),
        next_step_at=_time(row["next_step_at"]),
        step_count=row["step_count"],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
