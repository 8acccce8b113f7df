import base64
import json
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from services.wallet.adapters.codes import CodeKeys, CodeKeysError, SealedCodes


def key_file(folder: Path, current: str, *kids: str) -> Path:
    def key(kid: str, purpose: str) -> str:
        return base64.b64encode(f"{kid}{purpose}".ljust(32, ".").encode()).decode()

    keys = {kid: {"hmac": key(kid, "h"), "aes_gcm": key(kid, "a")} for kid in kids}
    path = folder / "keys.json"
    path.write_text(json.dumps({"current": current, "keys": keys}))
    return path


def test_a_code_is_found_by_its_hash_and_opens_again(tmp_path: Path):
    codes = SealedCodes(CodeKeys.from_file(key_file(tmp_path, "k1", "k1")))
    owner_id = uuid4()

    kept = codes.new(owner_id)
    revealed = codes.reveal(owner_id, kept.sealed, kept.seal_key)

    assert kept.hash in codes.hashes(revealed)
    assert revealed.endswith(kept.last_four)


def test_a_sealed_code_moved_to_another_row_does_not_open(tmp_path: Path):
    codes = SealedCodes(CodeKeys.from_file(key_file(tmp_path, "k1", "k1")))
    kept = codes.new(uuid4())

    with pytest.raises(InvalidTag):
        codes.reveal(uuid4(), kept.sealed, kept.seal_key)


def test_codes_of_an_older_key_are_found_and_open_after_a_new_one_came(tmp_path: Path):
    old = SealedCodes(CodeKeys.from_file(key_file(tmp_path, "k1", "k1")))
    owner_id = uuid4()
    kept = old.new(owner_id)
    new = SealedCodes(CodeKeys.from_file(key_file(tmp_path, "k2", "k1", "k2")))

    revealed = new.reveal(owner_id, kept.sealed, kept.seal_key)

    assert kept.hash in new.hashes(revealed)
    assert new.new(owner_id).hash_key == "k2"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"current": "a", "keys": {"a": {"hmac": "x", "aes_gcm": "y"}}}']
)
def test_a_wrong_key_file_is_named_without_its_content(tmp_path: Path, content: str):
    path = tmp_path / "keys.json"
    path.write_text(content)

    with pytest.raises(CodeKeysError, match="is not a file of code keys"):
        CodeKeys.from_file(path)


def test_keys_are_not_shown(tmp_path: Path):
    keys = CodeKeys.from_file(key_file(tmp_path, "k1", "k1"))

    assert "k1h" not in repr(SealedCodes(keys))
    assert "k1h" not in repr(keys.keys["k1"])
