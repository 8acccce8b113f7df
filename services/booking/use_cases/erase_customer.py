"""Make what the three services keep about a person nobody's."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.erasure import Erasure, ErasureState, Losses
from services.booking.domain.privacy import Person
from services.booking.domain.privacy_errors import ErasureBlockedError
from services.booking.use_cases.privacy_ports import (
    Asker,
    Erasures,
    NewId,
    PaymentSubjects,
    PrivacyTransactions,
    Subjects,
    WalletSubjects,
)
from services.common.errors import (
    ConcurrentChangeError,
    DependencyUnavailableError,
    RequestIdReusedError,
)


@dataclass(frozen=True, slots=True)
class DriveErasure:
    """Take an erasure's steps as far as they go. Each may be taken again, and by two at once."""

    subjects: Subjects
    wallet: WalletSubjects
    payment: PaymentSubjects
    erasures: Erasures
    transactions: PrivacyTransactions

    async def __call__(self, erasure: Erasure) -> Erasure:
        try:
            while not erasure.is_done:
                erasure = await self._step(erasure)
        except (DependencyUnavailableError, ErasureBlockedError) as error:
            await self.erasures.postpone(erasure.id, error.reason)
        return erasure

    async def _step(self, erasure: Erasure) -> Erasure:
        person, subject_id = erasure.person, erasure.subject_id
        match erasure.state:
            case ErasureState.REQUESTED:
                losses = Losses()
                if person.account_id is not None and subject_id is not None:
                    losses = await self.wallet.erase(person.account_id, subject_id, dry_run=False)
                return await self._advance(erasure, ErasureState.WALLET_DONE, losses)
            case ErasureState.WALLET_DONE:
                references = [*await self.subjects.order_ids(person), *erasure.purchase_ids]
                await self.payment.erase(references, dry_run=False)
                return await self._advance(erasure, ErasureState.PAYMENT_DONE, Losses())
            case _:
                await self._erase_own(erasure)
                return await self.erasures.find(erasure.id) or erasure

    async def _advance(self, erasure: Erasure, state: ErasureState, losses: Losses) -> Erasure:
        return await self.erasures.advance(
            erasure, state, losses.purchase_ids or erasure.purchase_ids
        )

    async def _erase_own(self, erasure: Erasure) -> None:
        async with self.transactions() as tx:
            if blockers := await tx.privacy.blockers(erasure.person):
                raise ErasureBlockedError(blockers)
            await tx.privacy.erase(erasure)
            await tx.commit()


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Ask all three services whether anything stands in the way, store the erasure, and drive it.

    The request's ID names the erasure, so that the same request finds it, also when it is done and
    nobody knows any more for whom.
    """

    subjects: Subjects
    wallet: WalletSubjects
    payment: PaymentSubjects
    erasures: Erasures
    transactions: PrivacyTransactions
    drive: DriveErasure
    new_id: NewId

    async def known(self, erasure_id: UUID, fingerprint: bytes) -> Erasure | None:
        """Find what the same request began, and drive it on; REQUEST_ID_REUSED for another one."""
        erasure = await self.erasures.find(erasure_id)
        if erasure is None:
            return None
        if erasure.fingerprint != fingerprint:
            raise RequestIdReusedError(erasure_id)
        return await self.drive(erasure)

    async def look(self, person: Person) -> Losses:
        """Say what the person would lose; ERASURE_BLOCKED with everything that stands in the way."""
        blockers = list(await self.subjects.blockers(person))
        losses = Losses()
        if person.account_id is not None:
            try:
                losses = await self.wallet.erase(person.account_id, self.new_id(), dry_run=True)
            except ErasureBlockedError as error:
                blockers += error.blocked_by
        references = [*await self.subjects.order_ids(person), *losses.purchase_ids]
        try:
            await self.payment.erase(references, dry_run=True)
        except ErasureBlockedError as error:
            blockers += error.blocked_by
        if blockers:
            raise ErasureBlockedError(list(dict.fromkeys(blockers)))
        return losses

    async def __call__(
        self, asker: Asker, person: Person, erasure_id: UUID, fingerprint: bytes
    ) -> Erasure:
        erasure = await self.erasures.open_of(person)
        if erasure is None:
            await self.look(person)
            erasure = Erasure(erasure_id, fingerprint, person, self.new_id())
            async with self.transactions() as tx:
                if not await tx.privacy.add_erasure(erasure, asker.name):
                    raise ConcurrentChangeError
                if asker.officer:
                    await tx.audit.add(asker.officer, "EraseCustomer", f"erasure/{erasure_id}", "")
                await tx.commit()
        return await self.drive(erasure)
