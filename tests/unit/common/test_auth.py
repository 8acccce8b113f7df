"""Verified tokens are remembered within bounds; keys are read again when they change."""

import json
import os
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.errors import TokenExpiredError, UnauthenticatedError
from services.common.rpc.auth import Authenticator, Issuer, guest, person
from services.common.rpc.call import CallerKind
from services.common.rpc.keys import KeySet, jwk_of
from services.common.rpc.tokens import TokenSigner
from tests.rpc.common.echo import SESSIONS, as_guest, as_person, issuers


def value_of(metadata: Any) -> Any:
    return metadata[0][1]


def test_a_token_is_verified_once() -> None:
    authenticator = Authenticator(issuers())
    authorization = value_of(as_guest())
    first = authenticator.caller_of(authorization)

    authenticator.issuers = {}

    assert authenticator.caller_of(authorization) is first


def test_the_memory_of_tokens_is_bounded() -> None:
    authenticator = Authenticator(issuers(), max_cached_tokens=2)

    for _ in range(5):
        authenticator.caller_of(value_of(as_guest()))

    assert len(authenticator._known) == 2


def test_a_remembered_token_still_expires() -> None:
    authenticator = Authenticator(issuers(), leeway_s=0)
    soon = SESSIONS.sign("s", audience="parterre", lifetime_s=1)
    authenticator.caller_of(f"Bearer {soon}")
    [(key, (caller, _))] = authenticator._known.items()
    authenticator._known[key] = (caller, time.time() - 1)

    with pytest.raises(TokenExpiredError):
        authenticator.caller_of(f"Bearer {soon}")


def test_staff_have_roles_and_cinemas() -> None:
    authenticator = Authenticator(issuers())
    authorization = value_of(as_person("cashier", subject="s-1", cinemas=["c-1"]))

    caller = authenticator.caller_of(authorization)

    assert caller.kind is CallerKind.STAFF
    assert caller.acts_for("c-1")
    assert not caller.acts_for("c-2")


def test_a_guests_channel_is_the_one_signed() -> None:
    caller = Authenticator(issuers()).caller_of(value_of(as_guest()))

    assert (caller.kind, caller.channel) == (CallerKind.GUEST, "APP")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_algorithm_that_is_not_allowed_is_refused(algorithm: Any) -> None:
    claims = {"iss": "parterre-identity", "sub": "x", "aud": "parterre", "exp": 2**40}
    key: Any = None if algorithm == "none" else "k" * 64
    token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "id-1"})

    with pytest.raises(UnauthenticatedError):
        Authenticator(issuers()).caller_of(f"Bearer {token}")


def test_es256_is_allowed(tmp_path: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    entry = {**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "e"}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [entry]}))
    keys = KeySet.from_file(tmp_path / "keys.json")
    authenticator = Authenticator({"i": Issuer("i", "a", keys, person)})
    claims = {"iss": "i", "sub": "s", "aud": "a", "exp": int(time.time()) + 60}
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "e"})

    assert authenticator.caller_of(f"Bearer {token}").subject == "s"


def test_a_key_that_is_added_to_the_file_is_found(tmp_path: Any) -> None:
    path = tmp_path / "keys.json"
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    path.write_text(json.dumps({"keys": [jwk_of("old", old.public_key())]}))
    authenticator = Authenticator({"i": Issuer("i", "a", KeySet.from_file(path), guest)})
    both = [jwk_of("old", old.public_key()), jwk_of("new", new.public_key())]
    path.write_text(json.dumps({"keys": both}))
    os.utime(path, ns=(1, 1))

    token = TokenSigner(new, "i", "new").sign("s", audience="a", lifetime_s=60)

    assert authenticator.caller_of(f"Bearer {token}").subject == "s"


def test_a_key_file_that_vanishes_keeps_the_keys_known(tmp_path: Any) -> None:
    path = tmp_path / "keys.json"
    key = Ed25519PrivateKey.generate()
    path.write_text(json.dumps({"keys": [jwk_of("k", key.public_key())]}))
    keys = KeySet.from_file(path)
    path.unlink()

    assert keys.find("unknown") is None
    assert keys.find("k") is not None


def test_deeply_nested_claims_are_refused() -> None:
    nested = jwt.utils.base64url_encode(b"[" * 2900).decode()

    with pytest.raises(UnauthenticatedError):
        Authenticator(issuers()).caller_of(f"Bearer e30.{nested}.AA")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_part_with_characters_that_are_not_its_own_is_refused(place: int) -> None:
    parts = value_of(as_guest()).removeprefix("Bearer ").split(".")
    parts[place] = f"{parts[place][:4]}!{parts[place][4:]}"

    with pytest.raises(UnauthenticatedError):
        Authenticator(issuers()).caller_of(f"Bearer {'.'.join(parts)}")


def test_a_token_in_the_name_of_another_issuer_than_the_keys_is_refused() -> None:
    stolen_name = TokenSigner(SESSIONS.key, "parterre-identity", SESSIONS.key_id)
    token = stolen_name.sign("s", audience="parterre", lifetime_s=60)

    with pytest.raises(UnauthenticatedError):
        Authenticator(issuers()).caller_of(f"Bearer {token}")


@pytest.mark.parametrize("segment", ["W10", "bnVsbA", "e30", "", "!"])
def test_a_header_or_payload_that_names_nothing_is_refused(segment: str) -> None:
    header, payload, signature = value_of(as_guest()).removeprefix("Bearer ").split(".")

    for token in (f"{segment}.{payload}.{signature}", f"{header}.{segment}.{signature}"):
        with pytest.raises(UnauthenticatedError):
            Authenticator(issuers()).caller_of(f"Bearer {token}")


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c.d", "..."])
def test_a_token_of_another_number_of_parts_is_refused(token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        Authenticator(issuers()).caller_of(f"Bearer {token}")
