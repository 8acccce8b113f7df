"""A guest's anonymous session."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SessionChannel(StrEnum):
    """Through which door a session came; a signed claim, never a field of a request."""

    WEB = "WEB"
    APP = "APP"


@dataclass(frozen=True, slots=True)
class Session:
    """A session token and until when it is valid."""

    token: str
    expires_at: datetime
