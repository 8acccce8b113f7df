"""Persons and what they choose about the processing of their data."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data: an account's, or those of the buyer of a guest's order."""

    account_id: UUID | None = None
    order_id: UUID | None = None


class ChoiceKind(StrEnum):
    """What a person can choose."""

    MARKETING = "MARKETING"
    RESTRICTION = "RESTRICTION"
    OBJECTION = "OBJECTION"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice. It holds until the next one of its kind, and is never changed afterwards."""

    kind: ChoiceKind
    is_given: bool
    text_version: str = ""
    legal_capacity: bool = False
    chosen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What holds now; `marketing` is the newest choice about it, None when there never was one."""

    marketing: Choice | None = None
    restricted: bool = False
    objected: bool = False

    @property
    def marketing_consent(self) -> bool:
        return self.marketing is not None and self.marketing.is_given

    @property
    def reminders_stopped(self) -> bool:
        """Whether nothing beyond what orders need is sent, whatever was agreed to before."""
        return self.restricted or self.objected

    @property
    def marketing_allowed(self) -> bool:
        return self.marketing_consent and not self.reminders_stopped


def settings_of(choices: Iterable[Choice]) -> PrivacySettings:
    """Say what holds after choices, oldest first."""
    newest = {choice.kind: choice for choice in choices}

    def is_given(kind: ChoiceKind) -> bool:
        return kind in newest and newest[kind].is_given

    return PrivacySettings(
        marketing=newest.get(ChoiceKind.MARKETING),
        restricted=is_given(ChoiceKind.RESTRICTION),
        objected=is_given(ChoiceKind.OBJECTION),
    )
