"""Who is calling: client credentials for a bearer token that expires, or HTTP Basic."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable

from aiohttp import web

from deploy.payu_emulator.answers import PayuError, answer
from deploy.payu_emulator.behaviour import Behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.record import Record
from deploy.payu_emulator.settings import PointOfSale

TOKEN_PARTS = 4


class Tokens:
    """Signed tokens, so that a restart neither forgets nor revives any."""

    def __init__(
        self,
        points_of_sale: Iterable[PointOfSale],
        clock: Clock,
        behaviour: Behaviour,
        record: Record,
    ) -> None:
        self._by_client = {pos.client_id: pos for pos in points_of_sale}
        self._by_pos = {pos.pos_id: pos for pos in points_of_sale}
        self._clock = clock
        self._behaviour = behaviour
        self._record = record
        kept = json.loads(record.setting("tokens") or "null")
        self._secret: str = kept["secret"] if kept else secrets.token_hex(32)
        self._generation: int = kept["generation"] if kept else 0
        self._keep()

    async def authorize(self, request: web.Request) -> web.Response:
        """Answer the token endpoint."""
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error(400, "unsupported_grant_type", "Unsupported grant type")
        pos = self._by_client.get(str(form.get("client_id")))
        given = str(form.get("client_secret")).encode()
        if pos is None or not hmac.compare_digest(given, pos.client_secret.encode()):
            return _oauth_error(401, "invalid_client", "Bad client credentials")
        await self._record.settled()
        return answer(
            {
                "access_token": self._issue(pos),
                "token_type": "bearer",
                "expires_in": self._behaviour.token_lifetime_s,
                "grant_type": "client_credentials",
            }
        )

    def expire_all(self) -> None:
        """Make every token given out so far worthless, as a restart at the provider would."""
        self._generation += 1
        self._keep()

    def caller(self, request: web.Request) -> PointOfSale:
        """Tell the calling point of sale, or raise PayuError UNAUTHORIZED."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        pos = None
        if scheme.lower() == "bearer":
            pos = self._bearer(credentials)
        elif scheme.lower() == "basic":
            pos = self._basic(credentials)
        if pos is None:
            raise PayuError(
                401,
                "UNAUTHORIZED",
                "Incorrect authentication",
                code="401",
                literal="INVALID_OR_MISSING_ACCESS_TOKEN",
            )
        return pos

    def _bearer(self, token: str) -> PointOfSale | None:
        parts = token.split(".")
        if len(parts) != TOKEN_PARTS or not token.isascii():
            return None
        client_id, expires_at, generation, seal = parts
        if not hmac.compare_digest(seal, self._seal(client_id, expires_at, generation)):
            return None
        if int(generation) != self._generation or int(expires_at) <= self._clock.now():
            return None
        return self._by_client.get(client_id)

    def _basic(self, credentials: str) -> PointOfSale | None:
        try:
            pos_id, _, key = base64.b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:
            return None
        pos = self._by_pos.get(pos_id)
        if pos is None or not hmac.compare_digest(key.encode(), pos.second_key.encode()):
            return None
        return pos

    def _issue(self, pos: PointOfSale) -> str:
        expires_at = str(int(self._clock.now() + self._behaviour.token_lifetime_s))
        parts = (pos.client_id, expires_at, str(self._generation))
        return ".".join((*parts, self._seal(*parts)))

    def _seal(self, *parts: str) -> str:
        message = ".".join(parts).encode()
        return hmac.new(self._secret.encode(), message, hashlib.sha256).hexdigest()

    def _keep(self) -> None:
        kept = {"secret": self._secret, "generation": self._generation}
        self._record.keep_setting("tokens", json.dumps(kept))


def _oauth_error(http_status: int, error: str, description: str) -> web.Response:
    return answer({"error": error, "error_description": description}, http_status)
