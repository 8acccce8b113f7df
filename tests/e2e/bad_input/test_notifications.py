"""The provider's door: whatever is not signed is turned away, and nothing is told or changed."""

import asyncio
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.demo.stage import Stage
from deploy.local.environment import NOTIFICATION_PATH
from tests.kit.answers import INTERNALS
from tests.kit.suite import Suite

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.usefixtures("unharmed")]

LARGE_BYTES = 2 * 1024 * 1024
SLOW_SENDERS = 50
UNKNOWN_ORDER = {
    "order": {
        "orderId": "NO0SUCH0ORDER",
        "extOrderId": "no-such-order:1:1",
        "status": "COMPLETED",
        "totalAmount": "2500",
        "currencyCode": "RON",
        "merchantPosId": "300001",
    }
}
BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "garbage": b"\x00\xff\xfe" * 100,
    "a number": b"7",
    "a list": b"[" * 5_000,
    "no order": b"{}",
    "an order that is no object": b'{"order": 7}',
    "an unknown order": json.dumps(UNKNOWN_ORDER).encode(),
    "NUL": json.dumps({"order": {"orderId": "F\x007", "status": "COMPLETED"}}).encode(),
    "a large number": b'{"order": {"totalAmount": ' + b"9" * 5_000 + b"}}",
    "a form": b"order=7&status=COMPLETED",
}
ZEROS = "0" * 32
SIGNATURES: Mapping[str, str] = {
    "none": "",
    "garbage": "x",
    "a wrong one": f"sender=checkout;signature={ZEROS};algorithm=MD5;content=DOCUMENT",
    "a wrong SHA-256": f"sender=checkout;signature={ZEROS * 2};algorithm=SHA-256;content=DOCUMENT",
    "an unknown algorithm": f"signature={ZEROS};algorithm=ROT13",
    "no algorithm": f"signature={ZEROS}",
    "no signature": "algorithm=SHA-256",
    "a long one": "signature=" + "0" * 4_000 + ";algorithm=SHA-256",
    "separators": ";=;=;=",
}


@pytest.fixture
def address(suite: Suite) -> str:
    return f"http://{suite.record.addresses['payment-notifications']}{NOTIFICATION_PATH}"


async def post(
    stage: Stage, address: str, body: bytes, signature: str, content_type: str
) -> tuple[int, str]:
    headers = {"Content-Type": content_type}
    if signature:
        headers["OpenPayu-Signature"] = signature
    async with stage.http.post(address, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("signature", SIGNATURES)
async def test_what_is_not_signed_is_turned_away(
    signature: str, stage: Stage, address: str
) -> None:
    answers = {}

    for name, body in BODIES.items():
        for content_type in ("application/json", "text/html", "application/x-www-form-urlencoded"):
            sent = await post(stage, address, body, SIGNATURES[signature], content_type)
            answers[f"{name} as {content_type}"] = sent

    assert {status for status, _ in answers.values()} == {401}
    assert not [text for _, text in answers.values() if INTERNALS.search(text)]


async def test_a_large_body_is_turned_away_before_it_is_read(stage: Stage, address: str) -> None:
    async with stage.http.post(address, data=io.BytesIO(b"x" * LARGE_BYTES)) as answer:
        status, text = answer.status, await answer.text()

    assert status == 413
    assert not INTERNALS.search(text)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_is_not_allowed(method: str, stage: Stage, address: str) -> None:
    async with stage.http.request(method, address) as answer:
        status, text = answer.status, await answer.text()

    assert status == 405
    assert not INTERNALS.search(text)


@pytest.mark.parametrize("path", ["/", "/payu", "/payu/notifications/x", "/../etc/passwd"])
async def test_another_path_is_not_found(path: str, suite: Suite, stage: Stage) -> None:
    base = f"http://{suite.record.addresses['payment-notifications']}"
    async with stage.http.post(base + path, data=b"{}") as answer:
        status, text = answer.status, await answer.text()

    assert status == 404
    assert not INTERNALS.search(text)


# Signed news of money that nobody knows would rightly become a case for a person.
@pytest.mark.parametrize("name", sorted(BODIES.keys() - {"an unknown order"}))
async def test_a_signed_body_that_means_nothing_here_changes_nothing(
    name: str, suite: Suite, stage: Stage, address: str
) -> None:
    points = json.loads(_text(suite.record.files["points_of_sale"]))
    digest = hashlib.sha256(BODIES[name] + points[0]["second_key"].encode()).hexdigest()
    signature = f"sender=checkout;signature={digest};algorithm=SHA-256;content=DOCUMENT"

    status, text = await post(stage, address, BODIES[name], signature, "application/json")

    assert status in {200, 400, 401}
    assert not INTERNALS.search(text)


async def test_a_sender_that_never_ends_its_body_does_not_block_the_others(
    suite: Suite, stage: Stage, address: str
) -> None:
    host, _, port = suite.record.addresses["payment-notifications"].rpartition(":")
    slow = [await _begin_a_request(host, int(port)) for _ in range(SLOW_SENDERS)]

    status, _ = await post(stage, address, b"{}", "", "application/json")

    for writer in slow:
        writer.close()
    assert status == 401


async def _begin_a_request(host: str, port: int) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection(host, port)
    head = f"POST {NOTIFICATION_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
    writer.write(head.encode())
    await writer.drain()
    return writer


def _text(path: str) -> str:
    return Path(path).read_text()
