"""Ask booking about reservations that nobody decided for a while, and do what it says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from services.common.errors import DependencyUnavailableError
from services.wallet.use_cases.capture_leg import CaptureLeg
from services.wallet.use_cases.read_ports import Decision, LegDecisions, OpenReservations
from services.wallet.use_cases.release_leg import ReleaseLeg


@dataclass(frozen=True, slots=True)
class SettleReservations:
    """Settle what is due, at most `max_reservations` a run.

    Nothing is freed by our own clock: the time only says when to ask. While booking does not
    answer, the places stay reserved.
    """

    reservations: OpenReservations
    decisions: LegDecisions
    capture: CaptureLeg
    release: ReleaseLeg
    max_reservations: int
    ask_again_after: timedelta

    async def __call__(self) -> int:
        """Tell how many were settled."""
        settled = 0
        for key in await self.reservations.take_due(self.max_reservations, self.ask_again_after):
            try:
                verdict = await self.decisions.ask(key)
            except DependencyUnavailableError:
                break
            match verdict.decision:
                case Decision.CAPTURE:
                    await self.capture(key)
                    settled += 1
                case Decision.RELEASE:
                    await self.release(key)
                    settled += 1
                case Decision.UNDECIDED:
                    await self.reservations.ask_after(key, verdict.ask_after)
                case _:
                    assert_never(verdict.decision)
        return settled
