"""Puts the doors' use cases together, for the RPC process and the tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from services.booking.adapters.admissions import AdmissionStore
from services.booking.adapters.door_screenings import OwnDoorScreenings
from services.booking.adapters.session_limit import SessionLimit
from services.booking.config import BookingSettings
from services.booking.domain.admission import EntryRules
from services.booking.handlers.admission_servicer import AdmissionServicer
from services.booking.handlers.door_metrics import DoorMeter
from services.booking.order_parts import ticket_keys
from services.booking.use_cases.admission_ports import DoorScreenings, TicketVerifier
from services.booking.use_cases.door_limit import DoorLimit
from services.booking.use_cases.get_screening_manifest import GetScreeningManifest
from services.booking.use_cases.judge_at_door import JudgeAtDoor
from services.booking.use_cases.list_admissions import ListAdmissions, OwnScreening
from services.booking.use_cases.record_verdict import RecordVerdict
from services.booking.use_cases.scan_ticket import InspectTicket, ScanTicket
from services.booking.use_cases.start_session import Limiter
from services.booking.use_cases.sync_admissions import SyncAdmissions
from services.common.db.database import Database
from services.common.limits import AttemptLimit, AttemptLimiter
from services.common.rpc.paging import PageTokens

if TYPE_CHECKING:
    from services.booking.composition import Parts


@dataclass(frozen=True, slots=True)
class DoorPorts:
    """What the doors need from elsewhere."""

    database: Database
    screenings: DoorScreenings
    verifier: TicketVerifier
    limiter: Limiter
    rules: EntryRules
    page_tokens: PageTokens


def open_doors(
    parts: "Parts", limiter: AttemptLimiter, page_tokens: PageTokens
) -> AdmissionServicer:
    """Make the servicer of a process."""
    settings = parts.settings
    limit = AttemptLimit(
        "door", settings.max_calls_per_door_device, settings.door_limit_period_s * 1_000
    )
    return admission_servicer(
        DoorPorts(
            database=parts.database,
            screenings=OwnDoorScreenings(parts.screenings.copies, parts.screenings),
            verifier=ticket_keys(settings),
            limiter=SessionLimit(limiter, limit),
            rules=entry_rules(settings),
            page_tokens=page_tokens,
        )
    )


def entry_rules(settings: BookingSettings) -> EntryRules:
    """Read when doors are open and which ages are checked."""
    return EntryRules(
        opens_before=timedelta(seconds=settings.entry_opens_before_s),
        late_limit=timedelta(seconds=settings.late_entry_limit_s),
        min_age_checked_years=settings.min_age_checked_years,
    )


def admission_servicer(ports: DoorPorts) -> AdmissionServicer:
    """Make the servicer with its use cases."""
    admissions = AdmissionStore(ports.database)
    judge = JudgeAtDoor(ports.screenings, admissions, ports.rules)
    limit = DoorLimit(ports.limiter)
    own_screening = OwnScreening(ports.screenings)
    return AdmissionServicer(
        scan_ticket=ScanTicket(limit, ports.verifier, judge),
        inspect_ticket=InspectTicket(limit, ports.verifier, judge),
        record_verdict=RecordVerdict(limit, judge),
        sync_admissions=SyncAdmissions(limit, ports.verifier, judge),
        list_admissions=ListAdmissions(own_screening, admissions),
        get_screening_manifest=GetScreeningManifest(own_screening, admissions),
        verifier=ports.verifier,
        rules=ports.rules,
        page_tokens=ports.page_tokens,
        meter=DoorMeter(),
    )
