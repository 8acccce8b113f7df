"""How long a call may take: a default, a longest and a shortest, and an age for streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.common.errors import DeadlineTooShortError


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """Limits in milliseconds; `method_timeouts_ms` overrides the default by method path."""

    default_timeout_ms: int = 5_000
    max_timeout_ms: int = 30_000
    min_timeout_ms: int = 20
    max_stream_age_ms: int = 900_000
    method_timeouts_ms: Mapping[str, int] = field(default_factory=dict)

    def for_method(self, path: str, *, streams: bool) -> MethodDeadline:
        """Fix the limits of one method, in seconds."""
        longest_ms = self.max_stream_age_ms if streams else self.max_timeout_ms
        default_ms = self.max_stream_age_ms if streams else self.default_timeout_ms
        default_ms = self.method_timeouts_ms.get(path, default_ms)
        return MethodDeadline(
            default_s=default_ms / 1000,
            longest_s=max(longest_ms, default_ms) / 1000,
            shortest_s=self.min_timeout_ms / 1000,
        )


@dataclass(frozen=True, slots=True)
class MethodDeadline:
    """The limits of one method, in seconds."""

    default_s: float
    longest_s: float
    shortest_s: float

    def allow(self, time_remaining_s: float | None) -> tuple[float, bool]:
        """Decide how many seconds the call gets, and whether we must keep the time ourselves.

        gRPC ends a call at the client's own deadline; the default and the longest are ours.
        Raises DEADLINE_TOO_SHORT when there is not enough left to begin.
        """
        if time_remaining_s is None:
            return self.default_s, True
        if time_remaining_s < self.shortest_s:
            raise DeadlineTooShortError
        if time_remaining_s > self.longest_s:
            return self.longest_s, True
        return time_remaining_s, False
