"""Keep what the wallet knows of a person."""

from dataclasses import dataclass
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.errors import InvalidDateError
from services.wallet.domain.profile import Profile
from services.wallet.use_cases.points_ports import Profiles
from services.wallet.use_cases.ports import Transactions


@dataclass(frozen=True, slots=True)
class SetProfile:
    """Store it in the place of the former one; nobody is born tomorrow."""

    transactions: Transactions

    async def __call__(self, key: RequestKey, account_id: UUID, profile: Profile) -> Profile:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            if profile.birth_date is not None and profile.birth_date > await tx.profiles.today():
                raise InvalidDateError(profile.birth_date.isoformat())
            await tx.profiles.save(account_id, profile)
            await tx.requests.store(key, profile)
            await tx.commit()
        return profile


@dataclass(frozen=True, slots=True)
class GetProfile:
    """Show it; an empty one when there is none."""

    profiles: Profiles

    async def __call__(self, account_id: UUID) -> Profile:
        return await self.profiles.read(account_id)
