"""Keep what a person chooses about the processing of their data."""

from dataclasses import dataclass

from services.booking.domain.privacy import (
    Choice,
    ChoiceKind,
    Person,
    PrivacySettings,
    settings_of,
)
from services.booking.domain.privacy_errors import LegalCapacityNotDeclaredError
from services.booking.use_cases.privacy_ports import (
    Asker,
    PrivacyTransactions,
    Subjects,
    WalletSubjects,
)
from services.common.requests import RequestKey

_ACTIONS = {
    ChoiceKind.MARKETING: "SetConsent",
    ChoiceKind.RESTRICTION: "RestrictProcessing",
    ChoiceKind.OBJECTION: "ObjectToProcessing",
}


@dataclass(frozen=True, slots=True)
class ChooseProcessing:
    """Add the choice to those before, none of which changes; the wallet hears first what stops.

    LEGAL_CAPACITY_NOT_DECLARED for a consent to marketing without the declaration.
    """

    subjects: Subjects
    wallet: WalletSubjects
    transactions: PrivacyTransactions

    async def __call__(
        self, key: RequestKey, asker: Asker, person: Person, choice: Choice
    ) -> PrivacySettings:
        if choice.kind is ChoiceKind.MARKETING and choice.is_given and not choice.legal_capacity:
            raise LegalCapacityNotDeclaredError
        before = await self.subjects.choices(person)
        after = settings_of([*before, choice])
        if person.account_id is not None and choice.kind is not ChoiceKind.MARKETING:
            await self.wallet.stop_reminders(person.account_id, stopped=after.reminders_stopped)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            stored = await tx.privacy.add_choice(person, choice, asker.name)
            settings = settings_of([*before, stored])
            await tx.requests.store(key, settings)
            if asker.officer:
                subject = f"choice/{key.request_id}"
                await tx.audit.add(asker.officer, _ACTIONS[choice.kind], subject, stored)
            await tx.commit()
        return settings


@dataclass(frozen=True, slots=True)
class GetPrivacySettings:
    """Say what holds now."""

    subjects: Subjects

    async def __call__(self, person: Person) -> PrivacySettings:
        return settings_of(await self.subjects.choices(person))
