"""A person's rights: told everything, corrected, restricted, erased; over a real channel."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.booking.v1 import privacy_service_pb2 as pb

from deploy.local.databases import ServiceDatabase
from services.booking.domain.order import Order
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import ACCOUNT, ACCOUNT_ID, GUEST, TOKENS, a_purchase, an_order_key
from tests.kit.booking_privacy import Privacy, privacy_served
from tests.kit.booking_rpc import Metadata, as_account, as_guest, as_staff, refused
from tests.kit.traces import anywhere, tables_with

AS_OWNER = as_account(ACCOUNT_ID)
AS_OFFICER = as_staff("privacy_officer")
YEAR_S = 366 * 24 * 3_600
OWN = pb.Person()


@pytest.fixture
async def privacy(shop: Shop) -> AsyncIterator[Privacy]:
    async with privacy_served(shop.process.database, shop.process.transactions) as served:
        yield served


async def bought(shop: Shop, screening_id: UUID, seat_id: str = "A1") -> Order:
    """A confirmed order of the account."""
    hold = await shop.hold(screening_id, [seat_id], owner=ACCOUNT)
    purchase = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID)
    order = await shop.use.place_order(purchase, an_order_key(ACCOUNT))
    await shop.pay(order)
    return await shop.drive(order)


async def export(
    privacy: Privacy, caller: Metadata, person: pb.Person = OWN
) -> list[tuple[str, str, Any]]:
    request = pb.ExportCustomerRequest(person=person, request_id=str(uuid4()))
    told = []
    while True:
        answer = await privacy.calls.ExportCustomer(request, metadata=caller)
        told += [(each.service, each.kind, json.loads(each.json)) for each in answer.records]
        request.page_token = answer.next_page_token
        if not request.page_token:
            return told


async def erase(
    privacy: Privacy,
    caller: Metadata,
    person: pb.Person = OWN,
    *,
    dry_run: bool = False,
    request_id: str = "",
) -> pb.EraseCustomerResponse:
    request = pb.EraseCustomerRequest(
        person=person, dry_run=dry_run, request_id=request_id or str(uuid4())
    )
    return await privacy.calls.EraseCustomer(request, metadata=caller)


async def settings(
    privacy: Privacy, caller: Metadata, person: pb.Person = OWN
) -> pb.PrivacySettings:
    request = pb.GetPrivacySettingsRequest(person=person)
    return (await privacy.calls.GetPrivacySettings(request, metadata=caller)).settings


async def consent(
    privacy: Privacy, caller: Metadata, *, marketing: bool = True, declared: bool = True
) -> pb.PrivacySettings:
    request = pb.SetConsentRequest(
        marketing=marketing,
        text_version="2026-1",
        legal_capacity_declared=declared,
        request_id=str(uuid4()),
    )
    return (await privacy.calls.SetConsent(request, metadata=caller)).settings


@pytest.mark.rule("OTC-48.8")
async def test_the_export_tells_of_all_three_services_and_of_the_access_itself(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    order = await bought(shop, screening_id)
    await consent(privacy, AS_OWNER)

    told = await export(privacy, AS_OWNER)

    kinds = [(service, kind) for service, kind, _ in told]
    assert kinds == [
        ("booking", "order"),
        ("booking", "ticket"),
        ("booking", "mail"),
        ("booking", "privacy_choice"),
        ("booking", "privacy_access"),
        ("booking", "hold"),
        ("payment", "payment"),
        ("wallet", "profile"),
        ("wallet", "card_purchase"),
        ("payment", "payment"),
    ]
    record = told[0][2]
    assert (record["id"], record["contact"]["email"]) == (str(order.id), order.contact.email)
    assert record["lines"][0]["seat_id"] == "A1"
    assert told[6][2] == {"reference_id": str(order.id)}
    assert told[9][2] == {"reference_id": str(privacy.wallet.purchase_id)}
    assert told[4][2]["made_by_owner"] is True


@pytest.mark.rule("OTC-48.8")
async def test_erasing_makes_everything_nobodys_and_keeps_the_books(
    shop: Shop, privacy: Privacy, screening_id: UUID, booking_database: ServiceDatabase
) -> None:
    order = await bought(shop, screening_id)
    await consent(privacy, AS_OWNER)
    await export(privacy, AS_OWNER)
    await shop.process.move_clock(YEAR_S)
    lines = await shop.process.database.fetchval("SELECT lines::text FROM customer_order")
    contact = order.contact
    personal = anywhere([str(ACCOUNT_ID), contact.first_name, contact.last_name, contact.email])
    urls = {"booking": booking_database.owner_url}
    before = set(await tables_with(urls, personal))
    request_id = str(uuid4())

    looked = await erase(privacy, AS_OWNER, dry_run=True)
    done = await erase(privacy, AS_OWNER, request_id=request_id)
    again = await erase(privacy, AS_OWNER, request_id=request_id)

    assert (looked.state, looked.places_lost) == (pb.ERASURE_STATE_POSSIBLE, 3)
    assert (looked.points_lost, looked.value_lost[0].minor_units) == (10, 500)
    assert done.state == again.state == pb.ERASURE_STATE_DONE
    assert {"booking public.order_contact", "booking public.outbox", "booking public.mail"} < before
    assert await tables_with(urls, personal) == []
    kept = await shop.process.database.fetchrow(
        "SELECT lines::text, state, account_id FROM customer_order"
    )
    [(account_id, subject_id)] = privacy.wallet.erased
    assert kept is not None
    assert (kept["lines"], kept["state"], kept["account_id"]) == (lines, "CONFIRMED", subject_id)
    assert account_id == ACCOUNT_ID
    assert privacy.payment.erased == [order.id, privacy.wallet.purchase_id]
    assert [kind for _, kind, _ in await export(privacy, AS_OWNER)][:1] == ["privacy_access"]


@pytest.mark.rule("OTC-48.8")
async def test_erasure_is_refused_with_all_that_is_in_the_way_and_nothing_changes(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    await bought(shop, screening_id)
    hold = await shop.hold(screening_id, ["B1"], owner=ACCOUNT)
    unpaid = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID)
    await shop.use.place_order(unpaid, an_order_key(ACCOUNT))
    privacy.wallet.blocked_by = ["RESERVATION"]
    privacy.payment.blocked_by = ["PAYMENT", "REFUND"]

    for dry_run in (True, False):
        refusal = await refused(erase(privacy, AS_OWNER, dry_run=dry_run))

        assert refusal.reason == "ERASURE_BLOCKED"
        assert refusal.metadata == {
            "blocked_by": "ORDER,FUTURE_SCREENING,RESERVATION,PAYMENT,REFUND"
        }
    assert privacy.wallet.erased == []
    assert await shop.count("erasure") == 0
    contacts = await shop.process.database.fetch("SELECT email FROM order_contact")
    assert all(row["email"] for row in contacts)


@pytest.mark.rule("OTC-48.8")
async def test_an_offered_remedy_holds_an_erasure_up(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    order = await bought(shop, screening_id)
    await shop.process.move_clock(YEAR_S)
    await shop.process.database.execute(
        """
        INSERT INTO remedy_offer (screening_id, order_id, id, version, cause, kind, state,
            changed_at, closes_at, next_at)
        VALUES ($1, $2, $3, 1, 'CANCELLED', 'REFUND', 'OPEN', app_clock(),
            app_clock() + interval '1 day', app_clock())
        """,
        screening_id,
        order.id,
        uuid4(),
    )

    refusal = await refused(erase(privacy, AS_OWNER))

    assert refusal.metadata == {"blocked_by": "REMEDY"}


@pytest.mark.rule("OTC-48.8")
@pytest.mark.parametrize("state", ["AWAITING_APPROVAL", "REQUESTED"])
async def test_a_remedy_on_its_way_holds_an_erasure_up(
    shop: Shop, privacy: Privacy, screening_id: UUID, state: str
) -> None:
    order = await bought(shop, screening_id)
    await shop.process.move_clock(YEAR_S)
    await shop.process.database.execute(
        """
        INSERT INTO remedy (screening_id, order_id, id, kind, state, currency, amount,
            last_screening_date, requested_at)
        VALUES ($1, $2, $3, 'VOUCHER', $4, 'RON', 100, current_date, app_clock())
        """,
        screening_id,
        order.id,
        uuid4(),
        state,
    )

    refusal = await refused(erase(privacy, AS_OWNER))

    assert refusal.metadata == {"blocked_by": "REMEDY"}


@pytest.mark.rule("OTC-48.8")
async def test_an_open_complaint_holds_an_erasure_up_and_its_words_go_with_the_person(
    shop: Shop, privacy: Privacy, screening_id: UUID, booking_database: ServiceDatabase
) -> None:
    order = await bought(shop, screening_id)
    await shop.process.move_clock(YEAR_S)
    await shop.process.database.execute(
        """
        INSERT INTO complaint (id, number, kind, scope, body, screening_id, order_id, order_number,
            cinema_id, owner, account_id, reply_email, language, received_at, purchased_at, is_late,
            due_date, overdue_at)
        VALUES ($1, 'C-1', 'COMPLAINT', 'OTHER', 'It was loud, says Zoltan.', $2, $3, 'K7QF-3M2D',
            'iulius-cluj', $4, $5, 'zoltan@example.test', 'ro', app_clock(), app_clock(), false,
            current_date, app_clock())
        """,
        uuid4(),
        screening_id,
        order.id,
        ACCOUNT,
        ACCOUNT_ID,
    )

    refusal = await refused(erase(privacy, AS_OWNER))
    told = [value for _, kind, value in await export(privacy, AS_OWNER) if kind == "complaint"]
    await shop.process.database.execute(
        "UPDATE complaint SET decision = 'ACCEPTED', answer = 'Dear Zoltan', answered_at = now()"
    )
    done = await erase(privacy, AS_OWNER)

    assert refusal.metadata == {"blocked_by": "COMPLAINT"}
    assert [each["body"] for each in told] == ["It was loud, says Zoltan."]
    assert done.state == pb.ERASURE_STATE_DONE
    personal = anywhere(["Zoltan", "zoltan", str(ACCOUNT_ID)])
    assert await tables_with({"booking": booking_database.owner_url}, personal) == []


@pytest.mark.rule("OTC-48.8")
@pytest.mark.parametrize("away", ["wallet", "payment"])
async def test_an_erasure_goes_on_when_a_service_is_back(
    shop: Shop, privacy: Privacy, screening_id: UUID, away: str
) -> None:
    await bought(shop, screening_id)
    await shop.process.move_clock(YEAR_S)
    request_id = str(uuid4())
    peer = getattr(privacy, away)
    erase_there = peer.erase

    async def goes_away(*args: Any, dry_run: bool) -> Any:
        peer.is_away = not dry_run or peer.is_away
        return await erase_there(*args, dry_run=dry_run)

    peer.erase = goes_away

    accepted = await erase(privacy, AS_OWNER, request_id=request_id)
    peer.is_away, peer.erase = False, erase_there
    await shop.process.move_clock(60)
    await privacy.drive_due()

    done = await erase(privacy, AS_OWNER, request_id=request_id)
    assert (accepted.state, accepted.waits_for) == (pb.ERASURE_STATE_UNDER_WAY, away)
    assert done.state == pb.ERASURE_STATE_DONE
    assert await shop.process.database.fetchval("SELECT email FROM order_contact") == ""


@pytest.mark.rule("OTC-48.8")
async def test_a_guest_asks_for_their_order_by_its_token(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)
    person = pb.Person(order_id=str(order.id))
    with_token = (*as_guest(), ("x-order-token", TOKENS.token_of(order.id)))
    stranger = await refused(export(privacy, as_guest(), person))
    nobody = await refused(export(privacy, as_guest()))
    await shop.process.move_clock(YEAR_S)

    told = await export(privacy, with_token, person)
    done = await erase(privacy, with_token, person)

    after = await export(privacy, with_token, person)
    assert stranger.reason == "ORDER_NOT_FOUND"
    assert (nobody.reason, nobody.violations[0][0]) == ("INVALID_FIELD", "person.order_id")
    assert told[0][2]["contact"]["email"] == order.contact.email
    assert done.state == pb.ERASURE_STATE_DONE
    assert after[0][2]["contact"]["email"] == after[0][2]["contact"]["last_name"] == ""
    assert privacy.wallet.erased == []
    assert privacy.payment.erased == [order.id]
    owner = await shop.process.database.fetchval("SELECT owner FROM customer_order")
    assert owner != GUEST


@pytest.mark.rule("OTC-48.4-6")
async def test_an_officer_names_the_person_and_every_call_is_audited(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    order = await bought(shop, screening_id)
    person = pb.Person(account_id=str(ACCOUNT_ID))
    rectify = pb.RectifyCustomerRequest(
        person=person, email="right@example.test", request_id=str(uuid4())
    )

    told = await export(privacy, AS_OFFICER, person)
    corrected = await privacy.calls.RectifyCustomer(rectify, metadata=AS_OFFICER)
    unnamed = await refused(export(privacy, AS_OFFICER))
    by_order = await refused(export(privacy, AS_OFFICER, pb.Person(order_id=str(order.id))))
    foreign = await refused(export(privacy, as_account(uuid4()), person))
    service = await refused(export(privacy, as_staff("customer_service"), person))

    audit = await shop.process.database.fetch("SELECT action, subject FROM audit ORDER BY number")
    contact = await shop.process.database.fetchrow("SELECT email, last_name FROM order_contact")
    assert [row["action"] for row in audit] == ["ExportCustomer", "RectifyCustomer"]
    assert not any(str(ACCOUNT_ID) in row["subject"] for row in audit)
    assert told[0][2]["id"] == str(order.id)
    assert corrected.orders == 1
    assert contact is not None
    assert (contact["email"], contact["last_name"]) == (
        "right@example.test",
        order.contact.last_name,
    )
    assert await shop.process.database.fetchval("SELECT recipient FROM mail") == (
        "right@example.test"
    )
    assert privacy.wallet.rectified[0][0] == ACCOUNT_ID
    assert unnamed.reason == foreign.reason == "INVALID_FIELD"
    assert by_order.reason == "ORDER_NOT_FOUND"
    assert service.reason == "PERMISSION_DENIED"


@pytest.mark.rule("OTC-48")
@pytest.mark.rule("OTC-48.4-6")
async def test_consent_is_off_until_it_is_given_apart_from_the_terms(
    shop: Shop, privacy: Privacy, screening_id: UUID
) -> None:
    await bought(shop, screening_id)
    at_first = await settings(privacy, AS_OWNER)
    undeclared = await refused(consent(privacy, AS_OWNER, declared=False))
    still_off = await settings(privacy, AS_OWNER)

    given = await consent(privacy, AS_OWNER)

    assert at_first == still_off == pb.PrivacySettings()
    assert undeclared.reason == "LEGAL_CAPACITY_NOT_DECLARED"
    assert given.marketing_consent
    assert given.marketing_allowed
    assert given.legal_capacity_declared
    assert given.consent_text_version == "2026-1"
    assert given.consent_time.seconds
    assert await settings(privacy, AS_OWNER) == given


@pytest.mark.rule("OTC-48.8")
async def test_a_withdrawal_leaves_what_was_before_as_it_was(shop: Shop, privacy: Privacy) -> None:
    await consent(privacy, AS_OWNER)

    withdrawn = await consent(privacy, AS_OWNER, marketing=False, declared=False)

    told = [value for _, kind, value in await export(privacy, AS_OWNER) if kind == "privacy_choice"]
    assert not withdrawn.marketing_consent
    assert not withdrawn.marketing_allowed
    assert [choice["is_given"] for choice in told] == [True, False]
    assert told[0]["text_version"] == "2026-1"
    assert await shop.count("privacy_choice") == 2


@pytest.mark.rule("OTC-48.8")
@pytest.mark.parametrize("right", ["RestrictProcessing", "ObjectToProcessing"])
async def test_restricting_and_objecting_stop_reminders_and_marketing_but_no_contract_mail(
    shop: Shop, privacy: Privacy, screening_id: UUID, right: str
) -> None:
    await consent(privacy, AS_OWNER)
    request = getattr(pb, f"{right}Request")
    field = {"RestrictProcessing": "restricted", "ObjectToProcessing": "objected"}[right]
    call = getattr(privacy.calls, right)

    stopped = await call(request(**{field: True}, request_id=str(uuid4())), metadata=AS_OWNER)
    told_wallet = dict(privacy.wallet.stopped)
    order = await bought(shop, screening_id)
    mails = await shop.process.database.fetch("SELECT kind, recipient FROM mail")
    ended = await call(request(request_id=str(uuid4())), metadata=AS_OWNER)

    assert getattr(stopped.settings, field)
    assert stopped.settings.marketing_consent
    assert not stopped.settings.marketing_allowed
    assert told_wallet == {ACCOUNT_ID: True}
    assert [tuple(row) for row in mails] == [("order-confirmed", order.contact.email)]
    assert ended.settings.marketing_allowed
    assert privacy.wallet.stopped == {ACCOUNT_ID: False}
