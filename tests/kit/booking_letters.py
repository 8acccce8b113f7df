"""What tests of booking's e-mails are made of."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.adapters.cinema_words import CinemaWords, TermsTexts
from services.booking.adapters.complaint_mails import ComplaintMails
from services.booking.adapters.order_mails import OrderMails
from services.booking.use_cases.complaint_ports import ComplaintReads
from services.booking.use_cases.order_ports import OrderReads, OrderStore
from services.common.mail.letters import Letters

VOUCHER_CODE = "ABCD-EFGH"


class FakeWords:
    """What catalog says of the cinema and of the terms."""

    def __init__(self) -> None:
        self.words = CinemaWords(
            "hello@cotroceni.example",
            "Bd. Vasile Milea 4, București",
            {("ADULT", "ro"): "Adult", ("ADULT", "fr"): "Adulte", ("ADULT", ""): "Adult"},
        )
        self.texts = TermsTexts("The general terms.", "The online terms.")

    async def of_cinema(self, _: str) -> CinemaWords:
        return self.words

    async def terms(self, policy_code: str, otc_version: str) -> TermsTexts:
        assert (policy_code, otc_version) == ("cinema-city-ro", "2024-02")
        return self.texts


def moved_to(local_start: str) -> Callable[[UUID], Awaitable[Any]]:
    """The screening of the builders as it is now: another film in another hall, from then on."""
    start = datetime.fromisoformat(local_start).replace(tzinfo=ZoneInfo("Europe/Bucharest"))

    async def now(_: UUID) -> Any:
        return SimpleNamespace(
            film_title="Beta",
            hall_name="Hall 7",
            local_start=local_start,
            start_time=start,
            end_time=start + timedelta(minutes=130),
        )

    return now


async def _code(_: UUID) -> str:
    return VOUCHER_CODE


def order_mails(orders: OrderStore, **changes: Any) -> OrderMails:
    """Booking's letters, with catalog and codes in memory."""
    parts: dict[str, Any] = {
        "voucher_code": _code,
        "now": moved_to("2026-11-22T22:00"),
        "words": FakeWords(),
        "letters": Letters("services.booking", "Parterre"),
        "draw": lambda payload: b"PNG:" + payload[:4],
        "public_url": "https://shop.example/",
        "address": "tickets@parterre.example",
    }
    return OrderMails(orders=orders, **parts | changes)


def complaint_mails(complaints: ComplaintReads, orders: OrderReads) -> ComplaintMails:
    """Booking's letters about complaints, with catalog in memory."""
    letters = Letters("services.booking", "Parterre")
    return ComplaintMails(complaints, orders, FakeWords(), letters, "https://shop.example/")


def plain(text: str) -> str:
    """Text with ordinary blanks."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
