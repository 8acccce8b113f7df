"""What doors ask and are told, as booking's messages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from cinema.booking.v1 import admission_pb2 as pb
from cinema.booking.v1 import admission_service_pb2 as service_pb
from cinema.booking.v1 import order_pb2, ticket_pb2

from services.booking.domain.admission import (
    Admission,
    AdmissionKind,
    AdmissionRefusal,
    CheckKind,
    Decision,
    Door,
    DoorTicket,
    EntryRules,
)
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.use_cases.judge_at_door import DoorAnswer
from services.booking.use_cases.sync_admissions import SyncOutcome, SyncResult
from services.common.rpc.times import timestamp_of

_REFUSALS = {
    each: pb.AdmissionRefusal.Value(f"ADMISSION_REFUSAL_{each}") for each in AdmissionRefusal
}
_CHECKS = {each: pb.CheckKind.Value(f"CHECK_KIND_{each}") for each in CheckKind}
_CHECK_KINDS = {value: kind for kind, value in _CHECKS.items()}
_KINDS = {each: pb.Admission.Kind.Value(f"KIND_{each}") for each in AdmissionKind}
_DECISIONS = {service_pb.Decision.Value(f"DECISION_{each}"): each for each in Decision}
_SYNC_OUTCOMES = {
    each: service_pb.SyncResult.Outcome.Value(f"OUTCOME_{each}") for each in SyncOutcome
}
_MILLISECOND = timedelta(milliseconds=1)
_DENIALS = {AdmissionKind.DENIED, AdmissionKind.DENIED_FINALLY}


def door_of(door: pb.Door) -> Door:
    return Door(
        cinema_id=door.cinema_id,
        device_id=door.device_id,
        hall_id=door.hall_id,
        screening_id=UUID(door.screening_id) if door.screening_id else None,
        gate=door.gate,
    )


def checks_of(checks: Iterable[pb.CheckKind.ValueType]) -> tuple[CheckKind, ...]:
    return tuple(_CHECK_KINDS[kind] for kind in checks)


def decision_of(decision: service_pb.Decision.ValueType) -> Decision:
    return _DECISIONS[decision]


def verdict_to_proto(answer: DoorAnswer, rules: EntryRules) -> pb.Verdict:
    """Write what the door does; what is recorded says so itself."""
    verdict = pb.Verdict(outcome=_outcome(answer))
    if answer.judgement.refusal is not None:
        verdict.refusal = _REFUSALS[answer.judgement.refusal]
    if answer.ticket is not None and answer.facts is not None:
        verdict.ticket.CopyFrom(ticket_to_proto(answer.ticket))
        verdict.screening.CopyFrom(screening_to_proto(answer.facts, rules))
        for kind in answer.judgement.checks:
            verdict.checks.append(_check(kind, answer.ticket, answer.facts, rules))
    if answer.admission is not None:
        verdict.admission.CopyFrom(admission_to_proto(answer.admission))
    if answer.now is not None:
        verdict.judge_time.CopyFrom(timestamp_of(answer.now))
    return verdict


def ticket_to_proto(ticket: DoorTicket) -> pb.DoorTicket:
    return pb.DoorTicket(
        id=str(ticket.id),
        number=ticket.number,
        seat_id=ticket.seat_id,
        row_name=ticket.row_name,
        seat_number=ticket.seat_number,
        ticket_type=ticket.ticket_type,
        proof=ticket.proof,
        holder_checked=ticket.holder_checked,
        state=ticket_pb2.Ticket.State.Value(f"STATE_{ticket.state}"),
        channel=order_pb2.Channel.Value(f"CHANNEL_{ticket.channel or 'UNSPECIFIED'}"),
    )


def screening_to_proto(facts: ScreeningFacts, rules: EntryRules) -> pb.DoorScreening:
    return pb.DoorScreening(
        id=str(facts.screening_id),
        cinema_id=facts.cinema_id,
        cinema_name=facts.cinema_name,
        hall_id=facts.hall_id,
        hall_name=facts.hall_name,
        film_title=facts.film_title,
        rating=facts.rating,
        min_age_years=rules.min_age_years(facts),
        local_start=facts.local_start,
        is_off=facts.state is not ScreeningState.SCHEDULED,
        start_time=timestamp_of(facts.start_time),
        entry_open_time=timestamp_of(rules.opens_at(facts)),
        entry_close_time=timestamp_of(rules.closes_at(facts)),
        end_time=timestamp_of(facts.end_time),
    )


def admission_to_proto(admission: Admission) -> pb.Admission:
    message = pb.Admission(
        id=str(admission.id),
        ticket_id=str(admission.ticket_id),
        screening_id=str(admission.screening_id),
        kind=_KINDS[admission.kind],
        checks=[_CHECKS[kind] for kind in admission.checks],
        cinema_id=admission.cinema_id,
        hall_id=admission.hall_id,
        gate=admission.gate,
        device_id=admission.device_id,
        record_time=timestamp_of(admission.recorded_at),
    )
    if admission.refusal is not None:
        message.refusal = _REFUSALS[admission.refusal]
    if admission.device_time is not None:
        message.device_time.CopyFrom(timestamp_of(admission.device_time))
    if admission.clock_skew is not None:
        message.clock_skew.FromTimedelta(admission.clock_skew)
    return message


def sync_result_to_proto(request_id: str, result: SyncResult) -> service_pb.SyncResult:
    message = service_pb.SyncResult(request_id=request_id, outcome=_SYNC_OUTCOMES[result.outcome])
    if result.refusal is not None:
        message.refusal = _REFUSALS[result.refusal]
    if result.admission is not None:
        message.admission.CopyFrom(admission_to_proto(result.admission))
    if result.other is not None:
        message.other.CopyFrom(admission_to_proto(result.other))
    return message


def clock_skew_of(device_time: datetime, now: datetime) -> timedelta:
    """Say how far a device's clock is ahead of ours, in whole milliseconds; else negative."""
    return (device_time - now) // _MILLISECOND * _MILLISECOND


def _outcome(answer: DoorAnswer) -> pb.Verdict.Outcome.ValueType:
    if answer.judgement.refusal is not None:
        return pb.Verdict.OUTCOME_REFUSE
    if answer.judgement.checks:
        return pb.Verdict.OUTCOME_CHECK
    if answer.admission is not None and answer.admission.kind in _DENIALS:
        return pb.Verdict.OUTCOME_DENIED
    return pb.Verdict.OUTCOME_ADMIT


def _check(
    kind: CheckKind, ticket: DoorTicket, facts: ScreeningFacts, rules: EntryRules
) -> pb.Check:
    return pb.Check(
        kind=_CHECKS[kind],
        min_age_years=rules.min_age_years(facts) if kind is CheckKind.AGE else 0,
        proof=ticket.proof if kind is CheckKind.PROOF else "",
    )
