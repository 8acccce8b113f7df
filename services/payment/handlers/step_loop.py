"""The worker's steps over what is due: attempts that may be stuck, refunds, and stray orders."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from prometheus_client import Counter

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.payment.use_cases.ports import (
    DueWork,
    OwnerUnavailableError,
    ProviderDownError,
    ProviderRefusedError,
)
from services.payment.use_cases.resolve_attempt import ResolveAttempt
from services.payment.use_cases.resolve_refund import ResolveRefund
from services.payment.use_cases.void_strays import VoidStray

_log = get_logger(__name__)
_steps = Counter("payment_steps_total", "Steps of the worker by outcome.", ["outcome"])


@dataclass(frozen=True, slots=True)
class StepLoop:
    """Takes steps that are due, several at once. Several workers may run it at the same time."""

    due_work: DueWork
    resolve_attempt: ResolveAttempt
    void_stray: VoidStray
    resolve_refund: ResolveRefund
    max_steps_at_once: int = 20

    async def run(self) -> None:
        """Take steps until none is due."""
        while await self.run_once():
            pass

    async def run_once(self) -> int:
        """Take the steps that are due now; tells how many there were."""
        attempts = await self.due_work.take_attempts(self.max_steps_at_once)
        refunds = await self.due_work.take_refunds(self.max_steps_at_once)
        strays = await self.due_work.take_strays(self.max_steps_at_once)
        await asyncio.gather(
            *(_step(partial(self.resolve_attempt, *each)) for each in attempts),
            *(_step(partial(self.void_stray, each)) for each in strays),
            *(_step(partial(self.resolve_refund, each)) for each in refunds),
        )
        return len(attempts) + len(strays) + len(refunds)


async def _step(take: Callable[[], Awaitable[None]]) -> None:
    try:
        await take()
        _steps.labels("done").inc()
    except (ProviderDownError, OwnerUnavailableError, DomainError) as error:
        # It comes again by itself, later each time.
        _steps.labels("later").inc()
        _log.info("step_postponed", problem=type(error).__name__)
    except ProviderRefusedError as error:
        _steps.labels("refused").inc()
        _log.warning("step_refused", code=error.code)
    except Exception:  # noqa: BLE001 - one step must not stop the others.
        _steps.labels("failed").inc()
        _log.exception("step_failed")
