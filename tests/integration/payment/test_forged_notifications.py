"""Notifications that are not what they say: refused or ignored, kept, and without effect."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from services.common.db.database import Database
from services.payment.adapters.payu.client import PayuLimits
from services.payment.adapters.payu.signatures import signature_of
from services.payment.domain.states import AttemptState, Decision
from services.payment.handlers.refused_notifications import (
    MAX_PEERS_AT_ONCE,
    RefusedNotifications,
)
from tests.integration.payment.test_with_emulator import Town, build, stack

__all__ = ["stack"]
pytestmark = pytest.mark.rule("OTC-18")


@pytest.fixture
async def town(stack: AsyncExitStack, database: Database, tmp_path: Path) -> Town:
    await database.execute("DELETE FROM refused_notification")
    town = await build(stack, database, tmp_path, PayuLimits())
    await town.shop.create()
    return town


def signed(body: bytes, *, key: str = "key of ron", algorithm: str = "SHA-256") -> str:
    hash_name = algorithm.replace("-", "").lower()
    signature = signature_of(body, key, hash_name)
    return f"sender=checkout;signature={signature};algorithm={algorithm};content=DOCUMENT"


async def news(town: Town, **changes: Any) -> bytes:
    """What the provider would send about this payment once it is authorised."""
    attempt = await town.shop.attempt()
    order = {
        "orderId": attempt.provider_order_id,
        "extOrderId": attempt.ext_order_id,
        "merchantPosId": "300746",
        "currencyCode": "RON",
        "totalAmount": "6400",
        "status": "WAITING_FOR_CONFIRMATION",
    }
    return json.dumps({"order": order | changes}).encode()


async def refusals(town: Town) -> dict[str, int]:
    rows = await town.shop.database.fetch(
        "SELECT outcome, sum(count)::integer AS count FROM refused_notification GROUP BY outcome"
    )
    return {row["outcome"]: row["count"] for row in rows}


async def stored(town: Town) -> list[str]:
    rows = await town.shop.database.fetch(
        "SELECT effect FROM notification WHERE ext_order_id LIKE $1 || '%' ORDER BY receive_time",
        str(town.shop.reference_id),
    )
    return [row["effect"] for row in rows]


async def is_untouched(town: Town) -> bool:
    attempt = await town.shop.attempt()
    return attempt.state is AttemptState.AWAITING_CUSTOMER and attempt.decision is None


async def test_forged_and_altered_ones_are_refused_and_counted_in_the_audit(town: Town) -> None:
    body = await news(town)
    altered = body.replace(b"6400", b"6401")
    signatures = {
        "no signature": (body, ""),
        "another key": (body, signed(body, key="key of eur2")),
        "an altered body": (altered, signed(body)),
        "an algorithm that is not allowed": (body, signed(body, algorithm="MD5")),
        "the signature of another body": (body, signed(b"{}")),
    }

    answers = {name: await town.post(*each) for name, each in signatures.items()}
    too_large = await town.post(b"x" * 9_000, signed(b"x" * 9_000))
    await town.until_refused(len(signatures) + 1)

    assert set(answers.values()) == {401}
    assert too_large == 413
    assert await refusals(town) == {"FORGED": len(signatures), "TOO_LARGE": 1}
    assert await stored(town) == []
    assert await is_untouched(town)


async def test_the_key_of_one_shop_proves_nothing_about_another(town: Town) -> None:
    body = await news(town)

    answer = await town.post(body, signed(body, key="key of eur"))

    assert answer == 200
    assert await stored(town) == ["IGNORED"]
    assert await is_untouched(town)


@pytest.mark.parametrize(
    "changes",
    [
        {"totalAmount": 6400},
        {"totalAmount": "-6400"},
        {"totalAmount": "6400.00"},
        {"totalAmount": "6" * 30},
        {"totalAmount": None},
        {"currencyCode": "ron"},
        {"currencyCode": ["RON"]},
        {"status": "AUTHORISED"},
        {"status": {"code": "COMPLETED"}},
        {"orderId": {"$ne": ""}},
        {"extOrderId": "x" * 5_000},
    ],
)
async def test_signed_ones_of_wrong_types_are_kept_and_ignored(
    town: Town, changes: dict[str, Any]
) -> None:
    body = await news(town, **changes)

    assert await town.post(body, signed(body)) == 200
    assert await town.post(body, signed(body)) == 200

    assert await is_untouched(town)


async def test_fifty_replays_have_one_effect(town: Town) -> None:
    body = await news(town)

    answers = {await town.post(body, signed(body)) for _ in range(50)}
    await town.until(lambda it: it.attempts[1].decision is Decision.GRANT)

    assert answers == {200}
    assert len(town.shop.owners.asked) == 1
    assert await stored(town) == ["AUTHORIZED"]
    assert await town.shop.events() == ["PaymentAuthorized"]


class FakeStore:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], int] = {}

    async def add(self, peer: str, outcome: str, count: int) -> None:
        key = (peer, outcome)
        self.rows[key] = self.rows.get(key, 0) + count


async def test_a_flood_from_everywhere_leaves_few_rows() -> None:
    store = FakeStore()
    refused = RefusedNotifications(store)

    for number in range(10_000):
        refused.note(f"198.51.{number // 256}.{number % 256}", "FORGED")
    await refused.flush()
    await refused.flush()

    assert len(store.rows) == MAX_PEERS_AT_ONCE + 1
    assert sum(store.rows.values()) == 10_000
