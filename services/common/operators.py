"""Operators: who decides about what got stuck."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.db.audit import AuditEntry
from services.common.rpc.call import current_call


@dataclass(frozen=True, slots=True)
class Operator:
    """Who decides, for the audit."""

    id: str
    roles: Sequence[str]
    request_id: str

    def entry(self, action: str, subject: str) -> AuditEntry:
        """Write down what was decided about what."""
        return AuditEntry(
            actor=self.id,
            roles=self.roles,
            action=action,
            subject=subject,
            request_id=self.request_id,
        )


def calling_operator(request_id: str) -> Operator:
    """Give the operator of the present call."""
    caller = current_call().caller
    return Operator(caller.subject, sorted(caller.roles), request_id)
