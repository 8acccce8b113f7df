"""Guests' session tokens, made with booking's own key: StartSession is not what is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from services.common.ids import new_id
from services.common.rpc.tokens import TokenSigner, load_private_key
from tests.load.generator.channels import Metadata

SESSION_ISSUER = "parterre-booking"
AUDIENCE = "parterre"
LIFETIME_S = 4 * 3_600


@dataclass(slots=True)
class Sessions:
    """Makes guests; each is new to the servers, which check a token's signature the first time."""

    key_file: Path
    _signer: TokenSigner | None = field(default=None, init=False)

    def new_guest(self) -> Metadata:
        """Give the metadata of a guest who was never seen before."""
        if self._signer is None:
            key = load_private_key(self.key_file)
            self._signer = TokenSigner(key, SESSION_ISSUER, SESSION_ISSUER)
        token = self._signer.sign(
            str(new_id()), audience=AUDIENCE, lifetime_s=LIFETIME_S, claims={"channel": "WEB"}
        )
        return (("authorization", f"Bearer {token}"),)
