"""PayU over HTTP: the calls, what their failures mean, and how long they may take."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from services.common.logging import get_logger
from services.payment.adapters.payu.breaker import Breaker
from services.payment.adapters.payu.oauth import TokenCache
from services.payment.adapters.payu.points_of_sale import PayuPointOfSale
from services.payment.adapters.payu.refunds import BARE_LIST, MAX_CODE_CHARACTERS
from services.payment.adapters.payu.retries import RetryBudget
from services.payment.use_cases.ports import (
    OutcomeUnknownError,
    ProviderDownError,
    ProviderRefusedError,
)

_log = get_logger(__name__)

TOKEN_PATH = "/pl/standard/user/oauth/authorize"  # noqa: S105 - an address
MAX_ANSWER_BYTES = 256 * 1024
MAX_TOKEN_RENEWALS_PER_CALL = 1
PROBED_ORDER = "0000000000000000GUEST000P01"
_HTTP_UNAUTHORIZED = 401
_RETRYABLE = frozenset({408, 429})
_FIRST_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class PayuLimits:
    """Times in milliseconds, and how many connections a process may have."""

    connect_timeout_ms: int = 1_500
    call_timeout_ms: int = 8_000
    pool_wait_timeout_ms: int = 2_000
    max_connections: int = 50
    max_failures_in_a_row: int = 5
    breaker_open_ms: int = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not a fault of the server: its code, and its JSON object."""

    http_status: int
    body: dict[str, Any]

    @property
    def status_code(self) -> str:
        """PayU's own word, such as SUCCESS; the HTTP status alone is not to be trusted."""
        status = self.body.get("status")
        code = status.get("statusCode") if isinstance(status, dict) else None
        return code if isinstance(code, str) else f"HTTP_{self.http_status}"

    @property
    def problem(self) -> str:
        """PayU's most exact word for what is wrong, such as NO_BALANCE."""
        status = self.body.get("status")
        literal = status.get("codeLiteral") if isinstance(status, dict) else None
        return literal[:MAX_CODE_CHARACTERS] if isinstance(literal, str) else self.status_code

    @property
    def is_success(self) -> bool:
        return self.status_code in {"SUCCESS", "WARNING_CONTINUE_REDIRECT"}


def open_session(limits: PayuLimits) -> aiohttp.ClientSession:
    """Open the pool of connections; close it when done."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limits.max_connections, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=limits.call_timeout_ms / 1_000,
            connect=limits.pool_wait_timeout_ms / 1_000,
            sock_connect=limits.connect_timeout_ms / 1_000,
        ),
        auto_decompress=True,
    )


@dataclass(slots=True)
class PayuClient:
    """The calls of one point of sale."""

    session: aiohttp.ClientSession
    base_url: str
    point_of_sale: PayuPointOfSale
    breaker: Breaker = field(default_factory=Breaker)
    retries: RetryBudget = field(default_factory=RetryBudget)
    tokens: TokenCache = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = TokenCache(self._fetch_token)

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        is_repeatable: bool = False,
    ) -> Answer:
        """Make a call with the token, renewing it once when it is refused.

        Raises ProviderDownError (nothing was done, or PayU says that it cannot) and
        OutcomeUnknownError (no answer: it may have been done). A repeatable call that failed is
        made again within the budget. Redirects are never followed.
        """
        self.retries.earn()
        retries = 0
        while True:
            try:
                return await self._call_once(method, path, body)
            except ProviderDownError:
                wait_s = self.retries.spend(retries) if is_repeatable else None
                if wait_s is None or self.breaker.is_open:
                    raise
                retries += 1
                await asyncio.sleep(wait_s)

    async def probe(self) -> None:
        """Ask for an order that nobody has; any answer will do. The breaker is not asked."""
        token, _ = await self._fetch_token(is_probe=True)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        await self._send("GET", order_path(PROBED_ORDER), headers=headers, is_probe=True)

    async def _call_once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        for _ in range(MAX_TOKEN_RENEWALS_PER_CALL + 1):
            token = await self.tokens.token()
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            answer = await self._send(method, path, headers=headers, json=body)
            if answer.http_status != _HTTP_UNAUTHORIZED:
                return answer
            self.tokens.refused(token)
        raise ProviderDownError("our credentials are refused", was_sent=False)

    async def _fetch_token(self, *, is_probe: bool = False) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.point_of_sale.client_id,
            "client_secret": self.point_of_sale.client_secret.get_secret_value(),
        }
        try:
            answer = await self._send("POST", TOKEN_PATH, data=form, is_probe=is_probe)
        except ProviderDownError as error:
            raise ProviderDownError(str(error), was_sent=False) from error
        token = answer.body.get("access_token")
        if not isinstance(token, str) or not token:
            raise ProviderDownError("no token was given", was_sent=False)
        expires_in = answer.body.get("expires_in", 0)
        return token, float(expires_in) if isinstance(expires_in, int | float) else 0.0

    async def _send(
        self, method: str, path: str, *, is_probe: bool = False, **request: Any
    ) -> Answer:
        if not is_probe and not self.breaker.allows():
            raise ProviderDownError("the breaker is open", was_sent=False)
        try:
            async with self.session.request(
                method, self.base_url + path, allow_redirects=False, **request
            ) as response:
                content = await _content(response.content)
                http_status = response.status
                correlation_id = response.headers.get("Correlation-Id", "")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self.breaker.failed()
            raise ProviderDownError(type(error).__name__, was_sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.breaker.failed()
            raise OutcomeUnknownError(type(error).__name__) from error
        return self._judge(http_status, content, correlation_id)

    def _judge(self, http_status: int, content: bytes, correlation_id: str) -> Answer:
        if http_status in _RETRYABLE or http_status >= _FIRST_SERVER_FAULT:
            self.breaker.failed()
            _log.warning(
                "provider_fault", http_status=http_status, provider_correlation=correlation_id
            )
            raise ProviderDownError(f"HTTP {http_status}", was_sent=True)
        self.breaker.succeeded()
        answer = Answer(http_status, _json_object(content))
        if "status" in answer.body and not answer.is_success:
            _log.info(
                "provider_refused",
                http_status=http_status,
                status_code=answer.status_code,
                provider_correlation=correlation_id,
            )
        return answer


def order_path(provider_order_id: str, *, tail: str = "") -> str:
    """Write the path of an order; its ID is the provider's word and is not trusted."""
    if not provider_order_id:
        raise ProviderRefusedError("NO_ORDER_ID")
    return f"/api/v2_1/orders/{quote(provider_order_id, safe='')}{tail}"


async def _content(stream: aiohttp.StreamReader) -> bytes:
    """Read an answer, which may come in pieces, to its end or to where it is too large."""
    content = await stream.read(MAX_ANSWER_BYTES + 1)
    while not stream.at_eof() and len(content) <= MAX_ANSWER_BYTES:
        content += await stream.read(MAX_ANSWER_BYTES + 1)
    return content


def _json_object(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_ANSWER_BYTES:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    if isinstance(body, list):
        return {BARE_LIST: body}
    return body if isinstance(body, dict) else {}
