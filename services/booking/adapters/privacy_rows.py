"""Persons in booking's tables: what they chose, and how their rows are corrected and erased."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.booking.adapters.privacy_sections import sections_of, words_of
from services.booking.domain.erasure import Erasure
from services.booking.domain.privacy import Choice, ChoiceKind, Person
from services.booking.use_cases.privacy_ports import Correction
from services.common.db.database import Database
from services.common.db.pseudonyms import (
    Pseudonym,
    forget_answers_to_staff,
    forget_requests,
    rename_in_events,
)
from services.common.db.subjects import read_subject_page
from services.common.db.transaction import Transaction
from services.common.ids import new_id
from services.common.subjects import SubjectPage, SubjectPlace

MAX_RECORDS_PER_PAGE = 100

_CHOICES = """
SELECT kind, is_given, text_version, legal_capacity, chosen_at FROM privacy_choice
WHERE {person} = $1 ORDER BY chosen_at, id"""
_ADD_CHOICE = """
INSERT INTO privacy_choice (id, account_id, order_id, kind, is_given, text_version, legal_capacity,
    chosen_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING chosen_at"""
_ADD_ACCESS = """
INSERT INTO privacy_access (id, account_id, order_id, action, made_by)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"""
_ADD_ERASURE = """
INSERT INTO erasure (id, fingerprint, account_id, order_id, subject_id, state, asked_by, next_at)
VALUES ($1, $2, $3, $4, $5, 'REQUESTED', $6, app_clock() + interval '10 seconds')
ON CONFLICT DO NOTHING RETURNING id"""

_ORDER_IDS = "SELECT id FROM customer_order WHERE {orders} ORDER BY id"
_LOCK_ORDERS = _ORDER_IDS + " FOR NO KEY UPDATE"
_THEIRS = "o.id IN (SELECT id FROM customer_order WHERE {orders})"
# An order has steps of its own as long as something of it is to be done or given back.
_BLOCKERS = f"""
SELECT 'ORDER' AS blocker, 1 AS rank FROM customer_order o
WHERE {_THEIRS} AND (o.next_step_at IS NOT NULL
    OR o.state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING'))
UNION SELECT 'FUTURE_SCREENING', 2
FROM customer_order o JOIN screening_copy s ON s.screening_id = o.screening_id
WHERE {_THEIRS} AND o.state = 'CONFIRMED' AND s.state = 'SCHEDULED' AND s.ends_at > app_clock()
UNION SELECT 'REMEDY', 3
FROM customer_order o JOIN remedy r ON r.screening_id = o.screening_id AND r.order_id = o.id
WHERE {_THEIRS} AND r.state IN ('AWAITING_APPROVAL', 'REQUESTED')
UNION SELECT 'REMEDY', 3
FROM customer_order o JOIN remedy_offer f ON f.screening_id = o.screening_id AND f.order_id = o.id
WHERE {_THEIRS} AND f.state = 'OPEN'
UNION SELECT 'COMPLAINT', 4 FROM complaint t
WHERE {{complaints}} AND t.kind = 'COMPLAINT' AND t.answered_at IS NULL
ORDER BY rank"""  # noqa: S608 - constants of ours

_RECTIFY = f"""
UPDATE order_contact c
SET first_name = coalesce(nullif($2, ''), first_name),
    last_name = coalesce(nullif($3, ''), last_name),
    email = coalesce(nullif($4, ''), email)
FROM customer_order o
WHERE {_THEIRS} AND c.screening_id = o.screening_id AND c.order_id = o.id
RETURNING o.id"""  # noqa: S608 - constants of ours
_REDIRECT_MAILS = """
UPDATE mail SET recipient = $2
WHERE send_time IS NULL AND give_up_time IS NULL AND facts ->> 'order_id' = ANY($1)"""
_REDIRECT_ANSWERS = """
UPDATE complaint t SET reply_email = $2 WHERE {complaints} AND answered_at IS NULL"""

_ERASE_CONTACTS = """
UPDATE order_contact SET first_name = '', last_name = '', email = '', ip_address = ''
WHERE order_id = ANY($1) AND screening_id IN (
    SELECT screening_id FROM customer_order WHERE id = ANY($1))"""
# What was asked and decided stays as a number with its dates; the words and the address go.
_ERASE_COMPLAINTS = """
UPDATE complaint t
SET body = '', reply_email = '', answer = CASE WHEN answer IS NOT NULL THEN '' END,
    owner = 'erased:' || $2::uuid,
    account_id = CASE WHEN account_id IS NULL THEN NULL ELSE $2 END
WHERE {complaints} RETURNING t.id"""
_ERASE_MAILS = """
DELETE FROM mail
WHERE facts ->> 'order_id' = ANY($1) OR facts ->> 'complaint_id' = ANY($2)"""
_ERASE_ORDERS = """
UPDATE customer_order
SET owner = 'erased:' || $2::uuid, account_id = CASE WHEN account_id IS NULL THEN NULL ELSE $2 END,
    return_url = '', redirect_url = '', version = version + 1
WHERE id = ANY($1)"""
_OWNERS = "SELECT DISTINCT owner FROM customer_order WHERE id = ANY($1)"
_ERASE_HOLDS = "UPDATE hold SET owner = 'erased:' || $2::uuid WHERE owner = ANY($1)"
_FORGET = "UPDATE TABLE SET {person} = $2 WHERE {person} = $1"
_ERASED = """
UPDATE erasure
SET state = 'DONE', account_id = NULL, order_id = NULL, subject_id = NULL, purchase_ids = '{}',
    next_at = NULL, last_error = '', done_at = app_clock()
WHERE id = $1 AND state <> 'DONE'"""


@dataclass(frozen=True, slots=True)
class SubjectReader:
    """The port `Subjects`."""

    database: Database

    async def page(self, person: Person, place: SubjectPlace | None) -> SubjectPage:
        return await read_subject_page(
            self.database, sections_of(person), place, max_records=MAX_RECORDS_PER_PAGE
        )

    async def choices(self, person: Person) -> Sequence[Choice]:
        rows = await self.database.fetch(_of(person, _CHOICES), _id(person))
        return [
            Choice(
                ChoiceKind(row["kind"]),
                row["is_given"],
                row["text_version"],
                row["legal_capacity"],
                row["chosen_at"],
            )
            for row in rows
        ]

    async def order_ids(self, person: Person) -> Sequence[UUID]:
        rows = await self.database.fetch(_of(person, _ORDER_IDS), _id(person))
        return [row["id"] for row in rows]

    async def blockers(self, person: Person) -> Sequence[str]:
        rows = await self.database.fetch(_of(person, _BLOCKERS), _id(person))
        return [row["blocker"] for row in rows]


@dataclass(frozen=True, slots=True)
class PrivacyRows:
    """The port `PrivacyStore`."""

    tx: Transaction

    async def add_choice(self, person: Person, choice: Choice, chosen_by: str) -> Choice:
        chosen_at = await self.tx.driver.fetchval(
            _ADD_CHOICE,
            new_id(),
            person.account_id,
            person.order_id,
            choice.kind,
            choice.is_given,
            choice.text_version,
            choice.legal_capacity,
            chosen_by,
        )
        return replace(choice, chosen_at=chosen_at)

    async def note_access(self, person: Person, access_id: UUID, action: str, made_by: str) -> None:
        await self.tx.driver.execute(
            _ADD_ACCESS, access_id, person.account_id, person.order_id, action, made_by
        )

    async def rectify(self, person: Person, correction: Correction) -> int:
        rows = await self.tx.driver.fetch(
            _of(person, _RECTIFY),
            _id(person),
            correction.first_name,
            correction.last_name,
            correction.email,
        )
        if correction.email:
            orders = [str(row["id"]) for row in rows]
            await self.tx.driver.execute(_REDIRECT_MAILS, orders, correction.email)
            redirect = _of(person, _REDIRECT_ANSWERS)
            await self.tx.driver.execute(redirect, _id(person), correction.email)
        return len(rows)

    async def add_erasure(self, erasure: Erasure, asked_by: str) -> bool:
        person = erasure.person
        added = await self.tx.driver.fetchval(
            _ADD_ERASURE,
            erasure.id,
            erasure.fingerprint,
            person.account_id,
            person.order_id,
            erasure.subject_id,
            asked_by,
        )
        return added is not None

    async def blockers(self, person: Person) -> Sequence[str]:
        await self.tx.driver.execute(_of(person, _LOCK_ORDERS), _id(person))
        rows = await self.tx.driver.fetch(_of(person, _BLOCKERS), _id(person))
        return [row["blocker"] for row in rows]

    async def erase(self, erasure: Erasure) -> None:
        person, subject_id, driver = erasure.person, erasure.subject_id, self.tx.driver
        if await driver.execute(_ERASED, erasure.id) == "UPDATE 0" or subject_id is None:
            return  # Somebody else was faster.
        rows = await driver.fetch(_of(person, _ORDER_IDS), _id(person))
        order_ids = [row["id"] for row in rows]
        as_text = [str(order_id) for order_id in order_ids]
        owners = [row["owner"] for row in await driver.fetch(_OWNERS, order_ids)]
        if person.account_id is not None:
            owners.append(f"account:{person.account_id}")
        await driver.execute(_ERASE_CONTACTS, order_ids)
        complaints = await driver.fetch(_of(person, _ERASE_COMPLAINTS), _id(person), subject_id)
        about = [str(row["id"]) for row in complaints]
        await driver.execute(_ERASE_MAILS, as_text, about)
        await driver.execute(_ERASE_HOLDS, owners, subject_id)
        await driver.execute(_ERASE_ORDERS, order_ids, subject_id)
        for table in ("privacy_choice", "privacy_access"):
            statement = _of(person, _FORGET).replace("TABLE", table)
            await driver.execute(statement, _id(person), subject_id)
        await forget_requests(self.tx, owners)
        await forget_answers_to_staff(self.tx, [*as_text, *about])
        if person.account_id is not None:
            await rename_in_events(self.tx, Pseudonym(person.account_id, subject_id), as_text)


def _of(person: Person, statement: str) -> str:
    """Write the statement for whose rows they are; the person's ID is $1."""
    return statement.format(**words_of(person, "$1"))


def _id(person: Person) -> Any:
    return person.order_id if person.account_id is None else person.account_id
