"""Bad input to every call: a canonical code, an ErrorInfo, and no word about the inside."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1 import sales_facts_service_pb2 as facts_pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceStub
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from deploy.local.tokens import mint_token, person
from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import a_cinema, a_plan, prices, promotion, terms
from tests.kit.catalog import Catalog, new_request_id

MILLION = "x" * 1_000_000
CHANGE = {"screening_id": new_request_id(), "etag": "v1"}
FILM = {"title": "Traviata", "length_minutes": 150, "country_code": "RO"}
NOBODY = "01920000-0000-7000-8000-000000000000"
ADMIN: dict[str, Any] = {
    "CreateCinema": ParseDict(a_cinema(), admin_pb.CreateCinemaRequest()),
    "UpdateCinema": ParseDict(
        {"cinema": a_cinema()["cinema"], "update_mask": "phone"}, admin_pb.UpdateCinemaRequest()
    ),
    "CreateHall": ParseDict(
        {"cinema_id": "1818", "name": "S01", "formats": ["2D"]}, admin_pb.CreateHallRequest()
    ),
    "CreateFilm": ParseDict({"film": FILM}, admin_pb.CreateFilmRequest()),
    "UpdateFilm": ParseDict(
        {"film": {**FILM, "id": new_request_id()}, "update_mask": "title"},
        admin_pb.UpdateFilmRequest(),
    ),
    "CreateScreening": ParseDict(
        {
            "cinema_id": "1818",
            "hall_id": new_request_id(),
            "film_id": new_request_id(),
            "start_time": "2099-11-24T18:00:00Z",
            "formats": ["2D"],
            "language_version": {"kind": "KIND_ORIGINAL", "audio_languages": ["en"]},
            "category": "MOVIE",
        },
        admin_pb.CreateScreeningRequest(),
    ),
    "UpdateScreening": ParseDict(
        {**CHANGE, "update_mask": "category", "category": "VIP"},
        admin_pb.UpdateScreeningRequest(),
    ),
    "RescheduleScreening": ParseDict(
        {**CHANGE, "start_time": "2099-11-24T18:00:00Z"}, admin_pb.RescheduleScreeningRequest()
    ),
    "ReplaceFilm": ParseDict(
        {**CHANGE, "film_id": new_request_id()}, admin_pb.ReplaceFilmRequest()
    ),
    "MoveScreening": ParseDict(
        {**CHANGE, "hall_id": new_request_id()}, admin_pb.MoveScreeningRequest()
    ),
    "CancelScreening": ParseDict(
        {**CHANGE, "cause": "CANCELLATION_CAUSE_TECHNICAL", "reason": "Smoke."},
        admin_pb.CancelScreeningRequest(),
    ),
    "PublishSeatPlan": ParseDict(
        {"cinema_id": "1818", "hall_name": "S01", "seat_plan": a_plan()},
        admin_pb.PublishSeatPlanRequest(),
    ),
    "SetPrices": ParseDict({"price_list": prices()}, admin_pb.SetPricesRequest()),
    "PublishTerms": ParseDict({"terms": terms()}, admin_pb.PublishTermsRequest()),
    "SetHolidays": ParseDict(
        {"country_code": "RO", "year": 2026, "holidays": [{"date": "2026-01-01"}]},
        admin_pb.SetHolidaysRequest(),
    ),
    "PublishPromotion": ParseDict({"promotion": promotion()}, admin_pb.PublishPromotionRequest()),
    "TerminateScreening": ParseDict(
        {"screening_id": new_request_id(), "etag": "v1", "reason": "Smoke."},
        admin_pb.TerminateScreeningRequest(),
    ),
}


def valid(name: str) -> Any:
    request = type(ADMIN[name])()
    request.CopyFrom(ADMIN[name])
    request.request_id = new_request_id()
    return request


def changed(name: str, change: Callable[[Any], None]) -> Any:
    request = valid(name)
    change(request)
    return request


def first_line(request: Any) -> Any:
    return request.price_list.lines[0]


def set_field(path: str, value: Any) -> Callable[[Any], None]:
    def change(request: Any) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            request = getattr(request, parent)
        setattr(request, last, value)

    return change


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    """The code and the reason; the text must not tell what is inside."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    text = caught.value.details() or ""
    assert not any(word in text for word in ("Traceback", "asyncpg", "postgres", "Exception"))
    assert len(text) < 1_000
    return caught.value.code(), refusal_of(caught.value).reason


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetCinema", pb.GetCinemaRequest()),
        ("GetCinema", pb.GetCinemaRequest(cinema_id=MILLION)),
        ("GetCinema", pb.GetCinemaRequest(cinema_id="a\x00b")),
        ("GetScreening", pb.GetScreeningRequest(screening_id="1")),
        ("GetSeatPlan", pb.GetSeatPlanRequest(seat_plan_id="")),
        ("QuotePrices", pb.QuotePricesRequest(screening_id="g" * 36)),
        ("GetTerms", pb.GetTermsRequest(policy_code="Ü")),
        ("GetContactInfo", pb.GetContactInfoRequest()),
        ("ListHalls", pb.ListHallsRequest(cinema_id="1818", page_size=-1)),
        ("ListFilms", pb.ListFilmsRequest(date="today")),
        ("GetFilm", pb.GetFilmRequest(film_id="1")),
        ("QuotePrices", pb.QuotePricesRequest(screening_id=NOBODY, promotion_code="x" * 65)),
        ("ListTerms", pb.ListTermsRequest(policy_code="")),
        ("GetSalesPolicy", pb.GetSalesPolicyRequest(policy_code="cinema_city")),
        ("ListPrices", pb.ListPricesRequest(cinema_id="")),
        ("ListPrices", pb.ListPricesRequest(cinema_id="1818", price_version="1")),
        ("ListPrices", pb.ListPricesRequest(cinema_id="1818", time=Timestamp(seconds=2**36))),
        ("ListTicketTypes", pb.ListTicketTypesRequest(cinema_id="x" * 37)),
        ("ListHolidays", pb.ListHolidaysRequest(country_code="ro", year=2026)),
        ("ListHolidays", pb.ListHolidaysRequest(country_code="RO", year=1)),
        ("GetPromotionRegulations", pb.GetPromotionRegulationsRequest(promotion_id="1")),
        ("ListCinemas", pb.ListCinemasRequest(page_size=-1)),
        ("ListScreenings", pb.ListScreeningsRequest(date="2026-11-24")),
        ("ListScreenings", pb.ListScreeningsRequest(cinema_id="1818")),
        ("ListScreenings", pb.ListScreeningsRequest(cinema_id="1818", date="24.11.2026")),
        (
            "ListScreenings",
            pb.ListScreeningsRequest(cinema_id="1818", date="2026-11-24", film_id="x"),
        ),
    ],
)
async def test_a_read_with_a_wrong_field_is_refused(
    catalog: Catalog, method: str, request_: Message
) -> None:
    code, reason = await refused(getattr(catalog.programme, method)(request_))

    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_a_day_that_no_calendar_has_is_refused(catalog: Catalog) -> None:
    request = pb.ListScreeningsRequest(cinema_id="1818", date="2026-02-30")
    holidays = changed("SetHolidays", lambda request: request.holidays.add(date="2026-02-30"))

    answers = [
        await refused(catalog.programme.ListScreenings(request)),
        await refused(catalog.admin.SetHolidays(holidays, metadata=catalog.staff())),
    ]

    assert answers == [(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATE")] * 2


@pytest.mark.parametrize("token", ["nonsense", "AQ" * 40, "é"])
async def test_a_page_token_of_somebody_else_is_refused(catalog: Catalog, token: str) -> None:
    code, reason = await refused(
        catalog.programme.ListCinemas(pb.ListCinemasRequest(page_token=token))
    )

    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("CreateCinema", set_field("request_id", "")),
        ("CreateCinema", set_field("cinema.name", "")),
        ("CreateCinema", set_field("cinema.name", MILLION)),
        ("CreateCinema", set_field("cinema.city", "a\x00b")),
        ("CreateCinema", set_field("cinema.phone", "0314")),
        ("CreateCinema", set_field("import_profile.cinema_id", "1806")),
        ("CreateCinema", set_field("import_profile.advertising_minutes", -5)),
        ("CreateCinema", lambda request: request.ClearField("cinema")),
        ("CreateCinema", set_field("cinema.email", "not an address")),
        (
            "CreateCinema",
            lambda request: request.cinema.contact_hours.add(
                weekdays=[8], open_time="10:00", close_time="22:00"
            ),
        ),
        (
            "CreateCinema",
            lambda request: request.cinema.contact_hours.add(
                weekdays=[1], open_time="24:00", close_time="22:00"
            ),
        ),
        ("UpdateCinema", lambda request: request.ClearField("update_mask")),
        ("UpdateCinema", lambda request: request.update_mask.paths.append("id")),
        ("UpdateCinema", set_field("cinema.phone", "0314")),
        ("CreateHall", set_field("name", MILLION)),
        ("CreateHall", lambda request: request.formats.append("2D")),
        ("CreateFilm", set_field("film.country_code", "")),
        ("CreateFilm", set_field("film.length_minutes", 0)),
        ("CreateFilm", set_field("film.event_kind", "CIRCUS")),
        ("CreateFilm", lambda request: request.film.languages.append("English")),
        ("UpdateFilm", set_field("film.id", "1")),
        ("UpdateFilm", lambda request: request.update_mask.paths.append("etag")),
        ("CreateScreening", set_field("hall_id", "1")),
        ("CreateScreening", set_field("advertising_minutes", 121)),
        ("CreateScreening", set_field("category", "")),
        ("CreateScreening", set_field("start_time.seconds", 4_099_000_001)),
        ("CreateScreening", set_field("start_time.seconds", -62_000_000_000)),
        ("CreateScreening", lambda request: request.ClearField("formats")),
        ("CreateScreening", lambda request: request.ClearField("language_version")),
        ("CreateScreening", set_field("language_version.kind", 0)),
        (
            "CreateScreening",
            lambda request: request.language_version.audio_languages.append("English"),
        ),
        ("UpdateScreening", lambda request: request.update_mask.paths.append("state")),
        ("UpdateScreening", set_field("category", "CIRCUS")),
        ("UpdateScreening", set_field("etag", "")),
        ("RescheduleScreening", lambda request: request.ClearField("start_time")),
        ("RescheduleScreening", set_field("start_time.nanos", 1)),
        ("ReplaceFilm", set_field("film_id", "x")),
        ("MoveScreening", set_field("hall_id", "")),
        ("MoveScreening", set_field("request_id", "")),
        ("CancelScreening", set_field("cause", 0)),
        ("CancelScreening", set_field("reason", MILLION)),
        ("PublishSeatPlan", set_field("cinema_id", "../etc")),
        ("PublishSeatPlan", set_field("hall_name", "")),
        ("PublishSeatPlan", lambda request: request.seat_plan.ClearField("rows")),
        ("SetPrices", set_field("price_list.effective_time.seconds", -62_000_000_000)),
        ("SetPrices", set_field("price_list.effective_time.seconds", 2**62)),
        ("SetPrices", set_field("price_list.service_fee.minor_units", 2**63 - 1)),
        ("SetPrices", set_field("price_list.service_fee.currency_code", "lei")),
        ("SetPrices", lambda request: first_line(request).ClearField("price")),
        ("SetPrices", lambda request: setattr(first_line(request), "local_start_from", "7:00")),
        ("SetPrices", lambda request: setattr(first_line(request), "local_start_before", "24:00")),
        ("SetPrices", lambda request: first_line(request).weekdays.append(8)),
        ("SetPrices", lambda request: request.price_list.ticket_types[0].names.add(text="No")),
        ("SetHolidays", set_field("country_code", "Romania")),
        ("SetHolidays", set_field("year", 1999)),
        ("SetHolidays", set_field("year", 2027)),
        ("SetHolidays", lambda request: request.holidays.add(date="1.1.2026")),
        ("SetHolidays", lambda request: request.holidays.add(date="2026-01-01")),
        ("PublishPromotion", set_field("promotion.code", "")),
        ("PublishPromotion", set_field("promotion.code", "10 % off")),
        ("PublishPromotion", set_field("promotion.percent_off", 101)),
        ("PublishPromotion", set_field("promotion.percent_off", 0)),
        ("PublishPromotion", lambda request: request.promotion.ClearField("percent_off")),
        ("PublishPromotion", lambda request: request.promotion.ClearField("regulations")),
        ("PublishPromotion", set_field("promotion.end_time.seconds", 1_000_000_000)),
        ("PublishPromotion", set_field("promotion.amount_off.minor_units", 2**63 - 1)),
        ("PublishTerms", set_field("terms.policy.complaint_days", -1)),
        ("PublishTerms", set_field("terms.policy.gap_rule", 9)),
        ("PublishTerms", set_field("terms.policy.code", "other")),
        ("PublishTerms", set_field("terms.policy.hold_seconds", 2**31 - 1)),
        ("PublishTerms", set_field("terms.otc_text", "")),
        ("TerminateScreening", set_field("screening_id", "not one")),
        ("TerminateScreening", set_field("etag", "")),
        ("TerminateScreening", set_field("reason", "")),
    ],
)
async def test_a_write_with_a_wrong_field_is_refused(
    catalog: Catalog, method: str, change: Callable[[Any], None]
) -> None:
    call = getattr(catalog.admin, method)

    code, reason = await refused(call(changed(method, change), metadata=catalog.staff()))

    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize("method", sorted(ADMIN))
async def test_staffs_calls_need_a_token_of_staff_that_is_valid(
    catalog: Catalog, method: str
) -> None:
    call = getattr(catalog.admin, method)
    key = catalog.identities.provider_key
    expired = mint_token(key, person("operator"), ttl_seconds=-3_600)
    customer = mint_token(key, person("account"))

    answers = [
        await refused(call(valid(method))),
        await refused(call(valid(method), metadata=(("authorization", "Bearer x.y.z"),))),
        await refused(call(valid(method), metadata=(("authorization", f"Bearer {expired}"),))),
        await refused(call(valid(method), metadata=(("authorization", f"Bearer {customer}"),))),
        await refused(call(valid(method), metadata=catalog.staff("usher"))),
        await refused(call(valid(method), metadata=catalog.service())),
    ]

    assert answers == [
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
    ]


async def test_sales_facts_need_a_services_token(catalog: Catalog) -> None:
    request = facts_pb.GetSalesFactsRequest(screening_id=new_request_id())

    code, reason = await refused(catalog.sales_facts.GetSalesFacts(request))

    assert (code, reason) == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")


def header() -> admin_pb.ImportProgrammeRequest:
    return admin_pb.ImportProgrammeRequest(
        header=admin_pb.ImportHeader(cinema_id="1818", request_id=new_request_id())
    )


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [admin_pb.ImportProgrammeRequest()],
        [admin_pb.ImportProgrammeRequest(chunk=b"{}")],
        [header(), header()],
        [admin_pb.ImportProgrammeRequest(header=admin_pb.ImportHeader(cinema_id="1818"))],
        [header(), admin_pb.ImportProgrammeRequest(chunk=b"x" * 262_145)],
    ],
)
async def test_an_import_that_is_no_import_is_refused(
    catalog: Catalog, messages: list[admin_pb.ImportProgrammeRequest]
) -> None:
    async def run() -> None:
        async for _ in catalog.admin.ImportProgramme(iter(messages), metadata=catalog.staff()):
            pass

    code, reason = await refused(run())

    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.fixture
async def raw_channel(catalog: Catalog) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(catalog.address) as channel:
        yield channel


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"\x0a\x02\xc3\x28", b"\x0a\xff\xff\xff\x7f"])
async def test_bytes_that_are_no_request_are_refused(
    catalog: Catalog, raw_channel: grpc.aio.Channel, raw: bytes
) -> None:
    for path in (
        "/cinema.catalog.v1.ProgrammeService/GetCinema",
        "/cinema.catalog.v1.CatalogAdminService/CreateCinema",
    ):
        call: Any = raw_channel.unary_unary(path)
        code, reason = await refused(call(raw, metadata=catalog.staff()))
        assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UNDECODABLE_REQUEST")


async def test_without_its_database_the_catalog_says_that_it_is_unavailable(
    catalog: Catalog,
) -> None:
    code, reason = await refused(catalog.programme.GetCinema(pb.GetCinemaRequest(cinema_id="1")))

    assert (code, reason) == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")


def test_every_call_of_staff_is_tried_here() -> None:
    calls = {name for name in dir(_stub(CatalogAdminServiceStub)) if name[0].isupper()}

    assert calls == {
        *ADMIN,
        "ImportProgramme",
        "ImportSeatPlan",
        "GetSeatPlanDrawing",
        "ListPromotions",
    }
    assert len([name for name in dir(_stub(ProgrammeServiceStub)) if name[0].isupper()]) == 17


def _stub(stub: Any) -> Any:
    class AnyChannel:
        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: None

    return stub(AnyChannel())
