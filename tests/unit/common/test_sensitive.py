"""What looks like a card number or an address is found; IDs are not."""

import json
from io import StringIO
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.common import ids
from services.common.log_writer import LineWriter
from services.common.logging import configure_logging, get_logger
from services.common.sensitive import (
    looks_like_card_number,
    may_hold_card_number,
    passes_luhn,
    redact,
)

CARDS = ["4111111111111111", "5500-0000-0000-0004", "3400 000000 00009", "6011000990139424"]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_within_text(card: Any) -> None:
    assert looks_like_card_number(f"my card is {card}, thanks")
    assert redact(f"my card is {card}, thanks") == "my card is [redacted], thanks"


@pytest.mark.parametrize(
    "text", ["4111111111111112", "411111111111", "+40 721 234 567", "", "2026-11-22 10:30:00"]
)
def test_other_numbers_are_left_alone(text: Any) -> None:
    assert not looks_like_card_number(text)
    assert redact(text) == text


def test_ids_are_no_card_numbers() -> None:
    many = [str(ids.new_id()) for _ in range(500)]
    worst = "00000000-0000-0000-0000-000000000000"

    assert not any(looks_like_card_number(each) for each in [*many, worst])
    assert redact(worst) == worst


def test_a_card_number_beside_an_id_is_redacted_alone() -> None:
    new = str(ids.new_id())

    assert redact(f"{new} 4111111111111111") == f"{new} [redacted]"


def test_addresses_and_logins_are_redacted() -> None:
    text = redact("to ana.pop+x@example.co.uk via postgres://app:pw@db/booking")

    assert text == "to [redacted] via postgres://[redacted]@db/booking"


@given(st.integers(10**11, 10**17))
def test_every_number_has_exactly_one_right_check_digit(number: Any) -> None:
    assert sum(passes_luhn(f"{number}{digit}") for digit in range(10)) == 1


@pytest.fixture
def log() -> Any:
    stream = StringIO()
    configure_logging("echo", "info", LineWriter(stream))
    yield stream
    structlog.reset_defaults()


def test_a_log_line_is_json_without_secrets(log: Any) -> None:
    get_logger("test").error(
        "order_placed",
        order_id="o-1",
        password="hunter2",
        contact={"email": "ana@example.com", "note": "card 4111111111111111"},
    )

    line = json.loads(log.getvalue())
    assert (line["event"], line["level"], line["service"]) == ("order_placed", "error", "echo")
    assert line["order_id"] == "o-1"
    assert line["password"] == "[redacted]"
    assert line["contact"] == {"email": "[redacted]", "note": "card [redacted]"}


def test_a_stack_trace_is_kept_without_its_secrets(log: Any) -> None:
    failure = ConnectionError("cannot reach postgres://app:pw@db/booking")

    get_logger("test").error("startup_failed", exc_info=failure)

    assert "ConnectionError" in log.getvalue()
    assert "app:pw" not in log.getvalue()


def test_lines_below_the_level_are_not_written(log: Any) -> None:
    get_logger("test").debug("noise_made")

    assert log.getvalue() == ""


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("text", ["{}", "my card {} please", "\x00{}\xff", "a-{}-b"])
def test_a_glance_at_the_bytes_overlooks_no_card(card: str, text: str) -> None:
    assert may_hold_card_number(text.format(card).encode("latin-1"))


@pytest.mark.parametrize("raw", [b"", b"Ana Pop", b"+40 314 130 540", b"12345678901x2345678901"])
def test_a_glance_passes_what_holds_no_card(raw: bytes) -> None:
    assert not may_hold_card_number(raw)
