"""Which codes are believed: published vectors, key rotation, broken key files."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.booking.adapters.ticket_keys import TicketKeys, key_id_of
from services.booking.adapters.ticket_signer import Ed25519TicketSigner

VECTORS = json.loads((Path(__file__).parents[3] / "docs" / "ticket-vectors.json").read_text())
TICKET = UUID("0198c0de-0000-7000-8000-000000000001")
SCREENING = UUID("0198c0de-0000-7000-8000-000000000002")
PRIVATE = [
    Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["private_key"]))
    for key in VECTORS["keys"]
]


def jwk(key: Ed25519PrivateKey, **more: Any) -> dict[str, Any]:
    x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, **more}


def write(file: Path, *entries: dict[str, Any]) -> Path:
    file.write_text(json.dumps({"keys": entries}))
    return file


def in_seconds(seconds: float) -> float:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).timestamp()


@pytest.fixture
def both(tmp_path: Path) -> TicketKeys:
    file = write(tmp_path / "keys.json", jwk(PRIVATE[1]))
    return TicketKeys(PRIVATE[0].public_key(), file)


def test_the_published_keys_have_their_ids() -> None:
    for key, private in zip(VECTORS["keys"], PRIVATE, strict=True):
        assert private.public_key().public_bytes_raw().hex() == key["public_key"]
        assert key_id_of(private.public_key()).hex() == key["key_id"]


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["payload"][:16])
def test_a_published_good_code_is_what_we_sign_and_believe(
    vector: dict[str, str], both: TicketKeys
) -> None:
    signers = {signer.key_id.hex(): signer for signer in map(Ed25519TicketSigner, PRIVATE)}
    ticket_id, screening_id = UUID(vector["ticket_id"]), UUID(vector["screening_id"])

    payload = signers[vector["key_id"]].payload(ticket_id, screening_id)
    claim = both.verify(bytes.fromhex(vector["payload"]))

    assert payload.hex() == vector["payload"]
    assert claim is not None
    assert (claim.ticket_id, claim.screening_id) == (ticket_id, screening_id)


@pytest.mark.rule("OTC-30")
@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["why"])
def test_a_published_bad_code_is_not_believed(vector: dict[str, str], both: TicketKeys) -> None:
    assert both.verify(bytes.fromhex(vector["payload"])) is None


def test_a_former_keys_tickets_are_believed_until_their_time_is_over(tmp_path: Path) -> None:
    payload = Ed25519TicketSigner(PRIVATE[1]).payload(TICKET, SCREENING)
    current = PRIVATE[0].public_key()
    former = write(tmp_path / "former.json", jwk(PRIVATE[1], exp=in_seconds(60)))
    over = write(tmp_path / "over.json", jwk(PRIVATE[1], exp=in_seconds(-1)))

    believed = TicketKeys(current, former).verify(payload)

    assert believed is not None
    assert TicketKeys(current, over).verify(payload) is None
    assert [key.is_current for key in TicketKeys(current, former).list_keys()] == [True, False]
    assert [key.is_current for key in TicketKeys(current, over).list_keys()] == [True]


def test_the_current_key_is_believed_whatever_the_file_says_of_it(tmp_path: Path) -> None:
    file = write(tmp_path / "keys.json", jwk(PRIVATE[0], exp=in_seconds(-60)))
    payload = Ed25519TicketSigner(PRIVATE[0]).payload(TICKET, SCREENING)

    assert TicketKeys(PRIVATE[0].public_key(), file).verify(payload) is not None


def test_an_announced_key_is_believed_without_a_restart(tmp_path: Path) -> None:
    file = write(tmp_path / "keys.json")
    keys = TicketKeys(PRIVATE[0].public_key(), file)
    payload = Ed25519TicketSigner(PRIVATE[1]).payload(TICKET, SCREENING)
    before = keys.verify(payload)

    write(file, jwk(PRIVATE[1]))
    keys._look_again_at = 0.0

    assert before is None
    assert keys.verify(payload) is not None


def test_a_key_file_that_breaks_leaves_the_keys_as_they_were(tmp_path: Path) -> None:
    file = write(tmp_path / "keys.json", jwk(PRIVATE[1]))
    keys = TicketKeys(PRIVATE[0].public_key(), file)
    payload = Ed25519TicketSigner(PRIVATE[1]).payload(TICKET, SCREENING)

    file.write_text('{"keys": [{"crv": "P-256"}]}')
    keys._look_again_at = 0.0

    assert keys.verify(payload) is not None


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"keys": {}}', '{"keys": [{"crv": "Ed25519", "x": "AAAA"}]}']
)
def test_a_process_does_not_start_with_a_broken_key_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)

    with pytest.raises(ValueError):  # noqa: PT011 - each is broken in a way of its own
        TicketKeys(PRIVATE[0].public_key(), file)


def test_a_private_key_has_no_place_among_the_public_ones(tmp_path: Path) -> None:
    file = write(tmp_path / "keys.json", jwk(PRIVATE[1], d="secret"))

    with pytest.raises(ValueError, match="public half"):
        TicketKeys(PRIVATE[0].public_key(), file)
