import json
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import jwt
import pytest

from deploy.local.environment import PROJECT, inherited
from deploy.local.identities import Identities, create
from deploy.local.state_folder import StateFolder
from deploy.local.tokens import AUDIENCE, ISSUER, ROLES, mint_token, person

SERVICES = ("catalog", "booking", "wallet", "payment")


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.create()
    return folder


@pytest.fixture
def files(state: StateFolder) -> Identities:
    return create(state, SERVICES)


def claims_of(token: str, jwks_file: Path) -> dict[str, object]:
    kid = jwt.get_unverified_header(token)["kid"]
    keys = {key["kid"]: key for key in json.loads(jwks_file.read_text())["keys"]}
    key = jwt.PyJWK(keys[kid], algorithm="EdDSA").key
    claims: dict[str, object] = jwt.decode(
        token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER
    )
    return claims


@pytest.mark.parametrize("role", ROLES)
def test_a_token_for_each_role_verifies_with_the_public_keys(files: Identities, role: str) -> None:
    token = mint_token(files.provider_key, person(role))

    claims = claims_of(token, files.token_keys)

    assert claims["roles"] == [role]
    assert claims["cinemas"] == ([] if role == "account" else ["*"])


def test_a_token_of_the_past_is_expired(files: Identities) -> None:
    token = mint_token(files.provider_key, person("account"), ttl_seconds=-5)

    with pytest.raises(jwt.ExpiredSignatureError):
        claims_of(token, files.token_keys)


def test_an_unknown_role_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="cinema_manager"):
        person("manager")


def test_every_service_has_a_key_of_its_own_name(files: Identities) -> None:
    keys = json.loads(files.service_keys.read_text())["keys"]

    assert [key["kid"] for key in keys] == list(SERVICES)
    assert len({key["x"] for key in keys}) == len(SERVICES)
    assert all("d" not in key for key in keys)


def test_keys_are_made_once_and_closed_to_others(state: StateFolder, files: Identities) -> None:
    before = {path.name: path.read_bytes() for path in state.keys.iterdir()}

    create(state, SERVICES)

    assert {path.name: path.read_bytes() for path in state.keys.iterdir()} == before
    assert {S_IMODE(path.stat().st_mode) for path in state.keys.iterdir()} == {0o600}


def test_the_points_of_sale_have_one_currency_each_and_secrets_of_their_own(
    files: Identities,
) -> None:
    points = json.loads(files.points_of_sale.read_text())

    assert [point["currency"] for point in points] == ["RON", "EUR", "PLN"]
    assert len({point["second_key"] for point in points}) == len(points)
    assert not any(point["auto_receive"] for point in points)


def test_the_command_prints_a_token_that_verifies(tmp_path: Path) -> None:
    state = tmp_path / "state"
    options = ["--state", str(state), "--cinemas", "c1,c2", "--subject", "usher-7"]

    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "token", "usher", *options],
        env=inherited(),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    claims = claims_of(done.stdout.strip(), state / "keys" / "token-keys.json")
    assert (claims["sub"], claims["cinemas"]) == ("usher-7", ["c1", "c2"])
