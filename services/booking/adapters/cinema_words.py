"""What e-mails say of a cinema besides the order: asked from catalog, kept for a while."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import grpc
from cinema.catalog.v1 import price_pb2
from cinema.catalog.v1.programme_service_pb2 import (
    GetContactInfoRequest,
    GetTermsRequest,
    ListTicketTypesRequest,
)
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub

from services.booking.adapters.catalog_client import CATALOG
from services.common.bounded_cache import BoundedCache
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer

MAX_KEPT_CINEMAS = 500
MAX_KEPT_TERMS = 20
MAX_AGE_S = 600


@dataclass(frozen=True, slots=True)
class CinemaWords:
    """A cinema's address for letters and for people, and the names of its ticket types."""

    email: str = ""
    address: str = ""
    ticket_names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def ticket_name(self, code: str, language: str) -> str:
        """Give a ticket type's name in a language, or else any name, or else its code."""
        return self.ticket_names.get((code, language)) or self.ticket_names.get((code, ""), code)


@dataclass(frozen=True, slots=True)
class TermsTexts:
    """The general and the online terms, word for word."""

    gtc: str
    otc: str


@dataclass(frozen=True, slots=True)
class CatalogWords:
    """Asks catalog. Terms of a version never change; the rest is asked again after a while."""

    peer: Peer
    _cinemas: BoundedCache[str, tuple[float, CinemaWords]] = field(
        default_factory=lambda: BoundedCache(MAX_KEPT_CINEMAS)
    )
    _terms: BoundedCache[tuple[str, str], TermsTexts] = field(
        default_factory=lambda: BoundedCache(MAX_KEPT_TERMS)
    )

    async def of_cinema(self, cinema_id: str) -> CinemaWords:
        """Give what is known; an old answer, or none, when catalog does not answer."""
        known = self._cinemas.get(cinema_id)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        try:
            words = await self._ask(cinema_id)
        except grpc.aio.AioRpcError:
            return known[1] if known is not None else CinemaWords()
        self._cinemas.put(cinema_id, (time.monotonic() + MAX_AGE_S, words))
        return words

    async def terms(self, policy_code: str, otc_version: str) -> TermsTexts:
        """Give the terms of a version, empty for one that catalog does not know.

        DEPENDENCY_UNAVAILABLE when it does not answer.
        """
        known = self._terms.get((policy_code, otc_version))
        if known is not None:
            return known
        stub = self.peer.stub(ProgrammeServiceStub)
        request = GetTermsRequest(policy_code=policy_code, otc_version=otc_version)
        try:
            answer = await stub.GetTerms(request)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return TermsTexts("", "")
            raise DependencyUnavailableError(CATALOG) from error
        texts = TermsTexts(answer.terms.gtc_text, answer.terms.otc_text)
        self._terms.put((policy_code, otc_version), texts)
        return texts

    async def _ask(self, cinema_id: str) -> CinemaWords:
        stub = self.peer.stub(ProgrammeServiceStub)
        contact, types = await asyncio.gather(
            stub.GetContactInfo(GetContactInfoRequest(cinema_id=cinema_id)),
            stub.ListTicketTypes(ListTicketTypesRequest(cinema_id=cinema_id)),
        )
        return CinemaWords(
            email=contact.contact_info.email,
            address=contact.contact_info.address,
            ticket_names=dict(
                pair for each in types.ticket_types for pair in _names_of(each).items()
            ),
        )


def _names_of(ticket_type: price_pb2.TicketType) -> dict[tuple[str, str], str]:
    names = {(ticket_type.code, name.language_code): name.text for name in ticket_type.names}
    return {(ticket_type.code, ""): ticket_type.name, **names}
