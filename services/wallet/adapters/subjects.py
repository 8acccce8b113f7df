"""Persons in the wallet's tables: what is kept about them, and how it becomes nobody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.common.db.pseudonyms import Pseudonym, forget_requests, rename_in_events
from services.common.db.subjects import read_subject_page
from services.common.db.transaction import Transaction
from services.common.money import Money
from services.common.subjects import SubjectPage, SubjectPlace
from services.wallet.adapters.subject_sections import (
    MAIL_KEYS,
    sections_of_account,
    sections_of_guest,
)
from services.wallet.use_cases.subject_ports import Leftovers

MAX_PURCHASES = 20_000

# What would use the account's cards and vouchers waits for these locks, and then finds them foreign.
_LOCKS = (
    "SELECT id FROM card WHERE account_id = $1 ORDER BY id FOR NO KEY UPDATE",
    "SELECT id FROM voucher WHERE account_id = $1 ORDER BY id FOR NO KEY UPDATE",
    "SELECT account_id FROM point_account WHERE account_id = $1 FOR UPDATE",
)
_BLOCKERS = """
SELECT 'RESERVATION' AS blocker FROM reservation r
WHERE r.state = 'RESERVED'
  AND (r.card_id IN (SELECT id FROM card WHERE account_id = $1)
       OR (r.voucher_id IS NOT NULL AND r.account_id = $1))
UNION
SELECT 'CARD_PURCHASE' FROM card_purchase
WHERE account_id = $1 AND state IN ('PENDING', 'OPEN', 'GRANTED', 'RETURNING')
ORDER BY blocker DESC"""
_TODAY = "(app_clock() AT TIME ZONE $2)::date"
_PLACES = f"""
SELECT coalesce(sum(l.places_left), 0)::integer
FROM card c JOIN place_lot l ON l.card_id = c.id
JOIN card_product p ON p.code = c.product_code AND p.version = c.product_version
WHERE c.account_id = $1 AND c.state = 'REGISTERED' AND p.places > 0
  AND l.last_screening_date >= {_TODAY}"""  # noqa: S608 - constants of ours
_POINTS = "SELECT balance FROM point_account WHERE account_id = $1"
_VALUE = f"""
SELECT currency, sum(left_minor_units)::bigint AS minor_units FROM voucher
WHERE account_id = $1 AND left_minor_units > 0 AND last_screening_date >= {_TODAY}
GROUP BY currency ORDER BY currency"""  # noqa: S608 - constants of ours
_PURCHASES = """
SELECT id FROM card_purchase WHERE account_id = ANY($1) ORDER BY id LIMIT $2"""

# Nobody can find or open them again: there is no such number and no such code.
_NO_CODE = "sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8'))"
_ERASE = (
    f"DELETE FROM mail WHERE $2::uuid IS NOT NULL AND key IN ({MAIL_KEYS.format(account='$1')})",  # noqa: S608 - ours
    "DELETE FROM reminder_stop WHERE $2::uuid IS NOT NULL AND account_id = $1",
    "DELETE FROM profile WHERE $2::uuid IS NOT NULL AND account_id = $1",
    """
UPDATE reservation SET account_id = $2
WHERE account_id = $1 AND (voucher_id IS NOT NULL
    OR card_id IN (SELECT id FROM card WHERE account_id = $1))""",
    f"""
UPDATE card
SET account_id = $2, state = 'VOID', number_hash = {_NO_CODE}, number_hash_key = '',
    number_sealed = '', number_seal_key = '', last_four = '0000', surname_hash = NULL
WHERE account_id = $1""",  # noqa: S608 - ours
    f"""
UPDATE voucher
SET account_id = $2, code_hash = {_NO_CODE}, code_hash_key = '', code_sealed = '',
    code_seal_key = ''
WHERE account_id = $1""",  # noqa: S608 - ours
    # Lots and entries follow by their keys.
    "UPDATE point_account SET account_id = $2 WHERE account_id = $1",
    "UPDATE birthday_place SET account_id = $2 WHERE account_id = $1",
    "UPDATE account_version SET account_id = $2 WHERE account_id = $1",
    """
UPDATE card_purchase
SET account_id = $2, first_name = '', last_name = '', email = '', language = '', ip_address = '',
    return_url = '', redirect_url = ''
WHERE account_id = $1""",
)

_RECTIFY = """
UPDATE profile SET surname = coalesce(nullif($2, ''), surname),
    email = coalesce(nullif($3, ''), email), change_time = app_clock()
WHERE account_id = $1"""
_REDIRECT_MAILS = f"""
UPDATE mail SET recipient = $2
WHERE send_time IS NULL AND give_up_time IS NULL
  AND key IN ({MAIL_KEYS.format(account="$1")})"""  # noqa: S608 - ours
_STOP = "INSERT INTO reminder_stop (account_id) VALUES ($1) ON CONFLICT DO NOTHING"
_GO_ON = "DELETE FROM reminder_stop WHERE account_id = $1"


@dataclass(frozen=True, slots=True)
class StoredSubjects:
    """The port `SubjectReader`."""

    database: Database

    async def of_account(self, account_id: UUID, place: SubjectPlace | None) -> SubjectPage:
        return await read_subject_page(self.database, sections_of_account(account_id), place)

    async def of_guest(self, order_ids: Sequence[UUID], place: SubjectPlace | None) -> SubjectPage:
        return await read_subject_page(self.database, sections_of_guest(order_ids), place)


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """The port `SubjectStore`."""

    tx: Transaction
    time_zone: str

    async def blockers(self, account_id: UUID) -> Sequence[str]:
        for lock in _LOCKS:
            await self.tx.driver.execute(lock, account_id)
        rows = await self.tx.driver.fetch(_BLOCKERS, account_id)
        return [row["blocker"] for row in rows]

    async def leftovers(self, account_id: UUID, subject_id: UUID) -> Leftovers:
        driver = self.tx.driver
        value = await driver.fetch(_VALUE, account_id, self.time_zone)
        purchases = await driver.fetch(_PURCHASES, [account_id, subject_id], MAX_PURCHASES)
        return Leftovers(
            places=await driver.fetchval(_PLACES, account_id, self.time_zone),
            points=await driver.fetchval(_POINTS, account_id) or 0,
            value=[Money(row["currency"], row["minor_units"]) for row in value],
            purchase_ids=[row["id"] for row in purchases],
        )

    async def erase(self, account_id: UUID, subject_id: UUID) -> None:
        for statement in _ERASE:
            await self.tx.driver.execute(statement, account_id, subject_id)
        await forget_requests(self.tx, [f"account:{account_id}"])
        pseudonym = Pseudonym(account_id, subject_id)
        await rename_in_events(self.tx, pseudonym, [str(account_id)])

    async def rectify(self, account_id: UUID, surname: str, email: str) -> None:
        await self.tx.driver.execute(_RECTIFY, account_id, surname, email)
        if email:
            await self.tx.driver.execute(_REDIRECT_MAILS, account_id, email)

    async def stop_reminders(self, account_id: UUID, *, stopped: bool) -> None:
        await self.tx.driver.execute(_STOP if stopped else _GO_ON, account_id)
