"""WalletService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.wallet.v1 import profile_pb2
from cinema.wallet.v1 import wallet_service_pb2 as pb
from cinema.wallet.v1.wallet_service_pb2_grpc import WalletServiceServicer

from services.common.errors import InvalidPageTokenError
from services.common.rpc.call import current_call, current_caller
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.wallet.domain.card import Card, CardKind
from services.wallet.domain.dates import parse_date
from services.wallet.domain.profile import Profile
from services.wallet.handlers.converters import card_entry_to_proto, card_to_proto
from services.wallet.use_cases.get_card import GetCard
from services.wallet.use_cases.list_card_entries import ListCardEntries
from services.wallet.use_cases.list_cards import ListCards
from services.wallet.use_cases.read_ports import CardPosition
from services.wallet.use_cases.register_card import RegisterCard, TypedCard
from services.wallet.use_cases.set_profile import GetProfile, SetProfile

DEFAULT_PAGE_SIZE = 20

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_KINDS = {
    pb.CARD_KIND_PLACE_CARD: CardKind.PLACE_CARD,
    pb.CARD_KIND_NOMINATIVE: CardKind.NOMINATIVE,
}


@dataclass(frozen=True)
class WalletServicer(WalletServiceServicer):
    """One use case for each call; the wallet is always the caller's own."""

    register_card: RegisterCard
    list_cards: ListCards
    get_card: GetCard
    list_card_entries: ListCardEntries
    get_profile: GetProfile
    set_profile: SetProfile
    page_tokens: PageTokens

    async def RegisterCard(
        self, request: pb.RegisterCardRequest, context: Context
    ) -> pb.RegisterCardResponse:
        del context
        key = request_key(request, lambda card: pb.RegisterCardResponse(card=card_to_proto(card)))
        call = current_call()
        card = await self.register_card(
            key,
            UUID(call.caller.subject),
            call.peer_address(),
            _KINDS[request.kind],
            TypedCard(request.card_number, request.surname),
        )
        return cast("pb.RegisterCardResponse", answer_of(key, card))

    async def ListCards(
        self, request: pb.ListCardsRequest, context: Context
    ) -> pb.ListCardsResponse:
        del context
        page_size = page_size_of(request.page_size, default=DEFAULT_PAGE_SIZE)
        after = _position_of(self.page_tokens.open(request.page_token, request))
        cards = await self.list_cards(UUID(current_caller().subject), after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(cards, page_size, _keyset_of, request)
        return pb.ListCardsResponse(
            cards=[card_to_proto(card) for card in page], next_page_token=next_page_token
        )

    async def ListCardEntries(
        self, request: pb.ListCardEntriesRequest, context: Context
    ) -> pb.ListCardEntriesResponse:
        del context
        page_size = page_size_of(request.page_size, default=DEFAULT_PAGE_SIZE)
        before = _number_of(self.page_tokens.open(request.page_token, request))
        account_id, card_id = UUID(current_caller().subject), UUID(request.card_id)
        found = await self.list_card_entries(account_id, card_id, before, page_size + 1)
        page, next_page_token = self.page_tokens.cut(
            found, page_size, lambda each: [each.number], request
        )
        return pb.ListCardEntriesResponse(
            entries=[card_entry_to_proto(each) for each in page], next_page_token=next_page_token
        )

    async def GetProfile(
        self, request: pb.GetProfileRequest, context: Context
    ) -> pb.GetProfileResponse:
        del request, context
        profile = await self.get_profile(UUID(current_caller().subject))
        return pb.GetProfileResponse(profile=_profile_to_proto(profile))

    async def SetProfile(
        self, request: pb.SetProfileRequest, context: Context
    ) -> pb.SetProfileResponse:
        del context
        key = request_key(
            request, lambda profile: pb.SetProfileResponse(profile=_profile_to_proto(profile))
        )
        account_id = UUID(current_caller().subject)
        profile = await self.set_profile(key, account_id, _profile_of(request.profile))
        return cast("pb.SetProfileResponse", answer_of(key, profile))

    async def GetCard(self, request: pb.GetCardRequest, context: Context) -> pb.GetCardResponse:
        del context
        card, number = await self.get_card(UUID(current_caller().subject), UUID(request.card_id))
        return pb.GetCardResponse(
            card=card_to_proto(card),
            card_number=number,
            conditions=card.product.conditions,
            conditions_version=card.product.conditions_version,
        )


def _profile_of(message: profile_pb2.Profile) -> Profile:
    return Profile(
        birth_date=parse_date(message.birth_date) if message.birth_date else None,
        surname=message.surname,
        email=message.email,
        language=message.language_code,
        reminders_agreed=message.reminders_agreed,
    )


def _profile_to_proto(profile: Profile) -> profile_pb2.Profile:
    return profile_pb2.Profile(
        birth_date=profile.birth_date.isoformat() if profile.birth_date else "",
        surname=profile.surname,
        email=profile.email,
        language_code=profile.language,
        reminders_agreed=profile.reminders_agreed,
    )


def _keyset_of(card: Card) -> Keyset:
    if card.register_time is None:
        raise LookupError(f"card {card.id} is in a wallet and was never registered")
    return [card.register_time.isoformat(), str(card.id)]


def _position_of(keyset: list[str | int | None] | None) -> CardPosition | None:
    if keyset is None:
        return None
    try:
        register_time, card_id = keyset
        return CardPosition(datetime.fromisoformat(str(register_time)), UUID(str(card_id)))
    except ValueError:
        raise InvalidPageTokenError from None


def _number_of(keyset: list[str | int | None] | None) -> int | None:
    match keyset:
        case None:
            return None
        case [int(number)]:
            return number
        case _:
            raise InvalidPageTokenError
