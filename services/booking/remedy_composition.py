"""Puts the use cases of remedies together."""

from dataclasses import dataclass

from services.booking.adapters.admissions import AdmissionStore
from services.booking.adapters.awaiting_remedies import AwaitingRemedyReader
from services.booking.adapters.order_store import OrderDatabase
from services.booking.adapters.order_transactions import OrderTransactionScopes
from services.booking.adapters.remedy_offers import RemedyOfferRows
from services.booking.adapters.screening_changes import ScreeningChangeRows
from services.booking.adapters.screening_jobs import JobRows
from services.booking.handlers.remedy_servicer import RemedyOffice
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.give_remedy import FindOffer, GiveDueRemedy
from services.booking.use_cases.list_remedies import ListAwaitingRemedies, ListScreeningJobs
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Kick, Retry
from services.booking.use_cases.payment_ports import Payments
from services.booking.use_cases.ports import Screenings
from services.booking.use_cases.remedies_of_staff import ApproveRemedy, GiveRemedy
from services.booking.use_cases.request_remedy import RequestRemedy
from services.booking.use_cases.settle_offers import SettleOffers
from services.common.db.database import Database


@dataclass(frozen=True, slots=True)
class RemedyUseCases:
    """All of them, one of each in a process."""

    request_remedy: RequestRemedy
    office: RemedyOffice
    settle_offers: SettleOffers


def remedy_use_cases(
    database: Database,
    store: OrderDatabase,
    access: OrderAccess,
    screenings: Screenings,
    known_screenings: DoorScreenings,
    payments: Payments,
    kick: Kick,
    retry: Retry,
) -> RemedyUseCases:
    """Make the use cases."""
    denials, transactions = AdmissionStore(database), OrderTransactionScopes(database)
    find = FindOffer(ScreeningChangeRows(database), screenings, denials)
    give = GiveDueRemedy(find, transactions, kick, retry)
    return RemedyUseCases(
        request_remedy=RequestRemedy(access, give),
        office=RemedyOffice(
            give=GiveRemedy(store, give),
            approve=ApproveRemedy(store, transactions, kick, retry),
            list_awaiting=ListAwaitingRemedies(known_screenings, AwaitingRemedyReader(database)),
            list_jobs=ListScreeningJobs(known_screenings, JobRows(database)),
        ),
        settle_offers=SettleOffers(
            RemedyOfferRows(database), store, transactions, give, denials, payments, retry
        ),
    )
