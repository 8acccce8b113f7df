"""Keys and identities of a local stack: made once, 0600, never leaving the state folder."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from deploy.local.state_folder import StateFolder, write_secret

# `kid` of the keys; a service's key carries the service's name.
PROVIDER_KEY_ID = "parterre-identity"
SESSION_KEY_ID = "parterre-booking"
CODE_KEY_ID = "local-1"
SECRET_BYTES = 32
CURRENCIES = ("RON", "EUR", "PLN")
FIRST_POS_ID = 300_001


@dataclass(frozen=True)
class Identities:
    """Where the key files are; each exists once `create` returned."""

    folder: Path
    services: tuple[str, ...]

    @property
    def provider_key(self) -> Path:
        """The identity provider's private key, which only mints tokens for people."""
        return self.folder / "identity-provider.pem"

    @property
    def token_keys(self) -> Path:
        """JWKS with the identity provider's public key."""
        return self.folder / "token-keys.json"

    @property
    def service_keys(self) -> Path:
        """JWKS with the services' public keys, `kid` = service name."""
        return self.folder / "service-keys.json"

    @property
    def session_key(self) -> Path:
        """The private key for guests' session tokens; booking's."""
        return self.folder / "booking-session.pem"

    @property
    def session_keys(self) -> Path:
        """JWKS with the public key of guests' session tokens."""
        return self.folder / "session-keys.json"

    @property
    def ticket_key(self) -> Path:
        """The private key for tickets' codes; booking's."""
        return self.folder / "booking-ticket.pem"

    @property
    def order_token_secret(self) -> Path:
        """The secret from which guests' order tokens are derived; booking's."""
        return self.folder / "booking-order-token-secret"

    @property
    def code_keys(self) -> Path:
        """Keys for card and voucher codes, by `kid`; wallet's."""
        return self.folder / "wallet-code-keys.json"

    @property
    def points_of_sale(self) -> Path:
        """The PayU points of sale, one per currency; payment's and the emulator's."""
        return self.folder / "points-of-sale.json"

    def service_key(self, service: str) -> Path:
        """Return the path of a service's own private key."""
        return self.folder / f"{service}.pem"


def create(state: StateFolder, services: tuple[str, ...]) -> Identities:
    """Make what is missing; what exists stays as it is."""
    files = Identities(state.keys, services)
    provider = _private_key(files.provider_key)
    session = _private_key(files.session_key)
    _private_key(files.ticket_key)
    service_keys = {name: _private_key(files.service_key(name)) for name in services}
    write_secret(files.token_keys, jwks({PROVIDER_KEY_ID: provider}))
    write_secret(files.session_keys, jwks({SESSION_KEY_ID: session}))
    write_secret(files.service_keys, jwks(service_keys))
    _once(files.order_token_secret, lambda: secrets.token_urlsafe(SECRET_BYTES))
    _once(files.code_keys, _code_keys)
    _once(files.points_of_sale, _points_of_sale)
    return files


def jwks(keys: Mapping[str, Ed25519PrivateKey]) -> str:
    """Return the public halves as a JSON Web Key Set."""
    return json.dumps({"keys": [_public_jwk(kid, key) for kid, key in keys.items()]}, indent=1)


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 key from a PEM file."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} does not hold an Ed25519 key")
    return key


def _private_key(path: Path) -> Ed25519PrivateKey:
    _once(path, _new_private_key)
    return load_private_key(path)


def _new_private_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        write_secret(path, make())


def _public_jwk(kid: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}


def _code_keys() -> str:
    """Return one generation of keys: HMAC for look-up, AES-256-GCM for storage; base64, 32 bytes."""
    keys = {"hmac": _random_base64(), "aes_gcm": _random_base64()}
    return json.dumps({"current": CODE_KEY_ID, "keys": {CODE_KEY_ID: keys}}, indent=1)


def _random_base64() -> str:
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _points_of_sale() -> str:
    points = [
        {
            "pos_id": str(FIRST_POS_ID + number),
            "currency": currency,
            "client_id": str(FIRST_POS_ID + number),
            "client_secret": secrets.token_hex(16),
            "second_key": secrets.token_hex(16),
            "auto_receive": False,
        }
        for number, currency in enumerate(CURRENCIES)
    ]
    return json.dumps(points, indent=1)
