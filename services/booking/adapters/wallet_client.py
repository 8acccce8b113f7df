"""Asks the wallet which prepaid cards may pay which seats."""

from dataclasses import dataclass
from uuid import UUID

import grpc
from cinema.wallet.v1 import card_pb2
from cinema.wallet.v1.tender_service_pb2 import ListEligiblePlacesRequest
from cinema.wallet.v1.tender_service_pb2_grpc import TenderServiceStub

from services.booking.adapters.story_client import STORY_SERVICE
from services.booking.domain.hold import Hold, SeatQuote
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.tenders import CardOption
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer
from services.common.rpc.money import money_or_zero, money_to_proto

WALLET = "wallet"
WALLET_SERVICES = (
    "cinema.wallet.v1.TenderService",
    "cinema.wallet.v1.SubjectService",
    "cinema.type.v1.EventFeedService",
    STORY_SERVICE,
)
_REASON_PREFIX = "INELIGIBLE_REASON_"


@dataclass(frozen=True, slots=True)
class WalletCards:
    """The port `Cards` on the wallet's TenderService."""

    peer: Peer
    call_timeout_ms: int

    async def eligible(
        self, account_id: UUID, facts: ScreeningFacts, hold: Hold
    ) -> list[CardOption]:
        request = ListEligiblePlacesRequest(
            account_id=str(account_id),
            screening=screening_for_wallet(facts),
            seats=[seat_for_wallet(seat) for seat in hold.seats],
        )
        stub = self.peer.stub(TenderServiceStub)
        try:
            answer = await stub.ListEligiblePlaces(request, timeout=self.call_timeout_ms / 1000)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(WALLET) from error
        return [_card_option(card, hold.terms.currency) for card in answer.cards]


def screening_for_wallet(facts: ScreeningFacts) -> card_pb2.ScreeningFacts:
    """Tell the wallet what it judges a card by."""
    return card_pb2.ScreeningFacts(
        screening_id=str(facts.screening_id),
        cinema_id=facts.cinema_id,
        local_date=facts.local_date,
        public_holiday=facts.public_holiday,
        format=facts.format,
        event_kind=facts.event_kind,
        cards_accepted=facts.cards_accepted,
        business_day=facts.business_day,
    )


def seat_for_wallet(seat: SeatQuote) -> card_pb2.SeatFacts:
    """Tell the wallet of a seat that a place may pay."""
    return card_pb2.SeatFacts(
        seat_id=seat.seat_id, area=seat.area, supplement=money_to_proto(seat.supplement)
    )


def _card_option(card: card_pb2.CardEligibility, currency: str) -> CardOption:
    return CardOption(
        card_id=UUID(card.card_id),
        product_name=card.product_name,
        masked_number=card.masked_number,
        places_usable=card.places_usable,
        supplement_due={
            seat.seat_id: money_or_zero(seat.supplement_due, currency)
            for seat in card.eligible_seats
        },
        ineligible_reasons={
            seat.seat_id: _reason_name(seat.reason) for seat in card.ineligible_seats
        },
        holder_checked=card.holder_checked,
    )


def _reason_name(reason: card_pb2.IneligibleReason.ValueType) -> str:
    try:
        name = card_pb2.IneligibleReason.Name(reason)
    except ValueError:
        return "OTHER"  # Values may be added.
    return name.removeprefix(_REASON_PREFIX)
