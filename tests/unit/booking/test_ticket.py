"""What a ticket's QR code says."""

from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature

from services.booking.adapters.order_numbers import ALPHABET, new_order_number
from services.booking.adapters.order_tokens import HmacOrderTokens
from services.booking.domain.ticket import SIGNED_BYTES, qr_payload, ticket_number
from tests.kit.booking_orders import SIGNER, TOKENS

TICKET = UUID("0198c0de-0000-7000-8000-000000000001")
SCREENING = UUID("0198c0de-0000-7000-8000-000000000002")
# The vector of the README: the key is the 32 bytes 00 01 02 ... 1f.
VECTOR = (
    "0156475aa70198c0de0000700080000000000000010198c0de0000700080000000000000022467"
    "3bf33dc4039a9e83cfcd91056538c38e7930b738d54c6fb32514ae9b31958164e0cb121778fdee"
    "c05ebb4520aa6e05c309e92cbdd844f85a3744675f600f"
)


def test_the_payload_is_laid_out_as_the_readme_says() -> None:
    payload = SIGNER.payload(TICKET, SCREENING)

    assert len(payload) == 101
    assert payload.hex() == VECTOR
    SIGNER.key.public_key().verify(payload[SIGNED_BYTES:], payload[:SIGNED_BYTES])


@pytest.mark.parametrize("place", [0, 3, 12, 30, 60, 100])
def test_a_changed_byte_breaks_the_signature(place: int) -> None:
    payload = bytearray(SIGNER.payload(TICKET, SCREENING))
    payload[place] ^= 1

    with pytest.raises(InvalidSignature):
        SIGNER.key.public_key().verify(bytes(payload[SIGNED_BYTES:]), bytes(payload[:SIGNED_BYTES]))


def test_a_key_id_has_four_bytes() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        qr_payload(b"too long", TICKET, SCREENING, lambda _: b"")


def test_numbers_can_be_read_aloud() -> None:
    number = new_order_number()

    assert len(number) == 9
    assert set(number) <= {*ALPHABET, "-"}
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV")
    assert ticket_number(number, 3) == f"{number}-03"


def test_an_order_token_opens_its_own_order_only() -> None:
    token = TOKENS.token_of(TICKET)

    assert TOKENS.opens(TICKET, token)
    assert not TOKENS.opens(SCREENING, token)
    assert not TOKENS.opens(TICKET, token[:-1])
    assert not TOKENS.opens(TICKET, "ș")
    assert not HmacOrderTokens(b"another secret of thirty-two bytes").opens(TICKET, token)
    assert "secret" not in repr(TOKENS)
