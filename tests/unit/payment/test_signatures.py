"""The signature of notifications, against the provider's own vectors."""

import pytest

from services.payment.adapters.payu.signatures import (
    check_algorithms,
    is_signed,
    read_header,
    signature_of,
)

BODY = b"OpenPayUData"
KEY = "SignatureKey"
MD5 = "8375034eb737d520c829fad4026a38aa"
SHA256 = "8b2fd55b48f150347df56ce18d787335f32ced1d67f214016476f7c0a8f09981"
ALL = check_algorithms(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])
STRONG = check_algorithms(["SHA-256"])


def header(signature: str, algorithm: str) -> str:
    return f"sender=checkout;signature={signature};algorithm={algorithm};content=DOCUMENT"


@pytest.mark.parametrize(("algorithm", "signature"), [("MD5", MD5), ("SHA-256", SHA256)])
def test_the_vectors_of_the_provider_hold(algorithm: str, signature: str) -> None:
    assert is_signed(BODY, header(signature, algorithm), [KEY], ALL)


def test_without_an_algorithm_it_is_md5() -> None:
    assert is_signed(BODY, f"signature={MD5}", [KEY], ALL)
    assert not is_signed(BODY, f"signature={MD5}", [KEY], STRONG)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "SHA", "CRC32", ""])
def test_an_algorithm_that_is_not_allowed_is_refused(algorithm: str) -> None:
    name = {"SHA-1": "sha1", "SHA": "sha1"}.get(algorithm, "md5")

    assert not is_signed(BODY, header(signature_of(BODY, KEY, name), algorithm), [KEY], STRONG)


@pytest.mark.parametrize(
    "given", ["", ";", "signature=", "algorithm=SHA-256", "signature=\u00e9;algorithm=SHA-256",
              "x" * 5_000]
)  # fmt: skip
def test_a_header_that_is_none_is_refused(given: str) -> None:
    assert not is_signed(BODY, given, [KEY], STRONG)


def test_an_altered_body_and_another_key_are_refused() -> None:
    assert not is_signed(b"OpenPayUdata", header(SHA256, "SHA-256"), [KEY], STRONG)
    assert not is_signed(BODY, header(SHA256, "SHA-256"), ["OtherKey"], STRONG)


def test_two_keys_are_believed_while_they_are_rotated() -> None:
    assert is_signed(BODY, header(SHA256, "SHA-256"), ["NewKey", KEY], STRONG)


def test_the_raw_bytes_count_and_blanks_around_them_do_not() -> None:
    assert is_signed(b"  OpenPayUData\n", header(SHA256, "SHA-256"), [KEY], STRONG)
    signature = signature_of(b" OpenPayUData ", KEY, "sha256")
    assert is_signed(b" OpenPayUData ", header(signature, "SHA-256"), [KEY], STRONG)


@pytest.mark.parametrize("name", ["OpenPayu-Signature", "X-OPENPAYU-SIGNATURE"])
def test_the_header_is_found_whatever_its_case(name: str) -> None:
    assert read_header({"A": "b", name: "signature=1"}) == "signature=1"
    assert read_header({}) == ""


def test_an_unknown_algorithm_in_the_settings_is_an_error() -> None:
    for names in (["SHA"], [""], ["SHA-256", "ROT13"]):
        with pytest.raises(ValueError, match="unknown"):
            check_algorithms(names)
