"""Signs guests' session tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.booking.domain.session import Session, SessionChannel
from services.common.ids import new_id
from services.common.rpc.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class SignedSessions:
    """The port `SessionTokens`: a JWT with a new session's ID and its channel as claims."""

    signer: TokenSigner
    audience: str
    lifetime_s: int

    def issue(self, channel: SessionChannel) -> Session:
        issued_at = datetime.now(UTC)
        token = self.signer.sign(
            str(new_id()),
            audience=self.audience,
            lifetime_s=self.lifetime_s,
            claims={"channel": channel.value},
        )
        return Session(token, issued_at + timedelta(seconds=self.lifetime_s))
