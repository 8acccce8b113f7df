"""The sentences of an order's timeline."""

import ast
import re
from pathlib import Path

import pytest

import services.booking.domain
from services.booking.domain.decision import Refusal
from services.booking.domain.order_leg import LegKind
from services.booking.domain.order_story import sentence_of

DOMAIN = Path(services.booking.domain.__file__).parent
NOTING = {"note", "_complete", "_end", "TimelineEntry"}


def noted() -> set[str]:
    """What the moves of an order write into its timeline, by their source."""
    nodes = [
        node
        for file in DOMAIN.glob("order*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and _name_of(node.func) in NOTING
    ]
    values = [each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant)]
    texts = {str(each.value) for each in values}
    return {text for text in texts if re.fullmatch(r"[A-Z]+_[A-Z_]+", text)}


def _name_of(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def test_everything_that_is_noted_has_a_sentence() -> None:
    whats = noted()

    assert {
        "ORDER_PLACED",
        "PAYMENT_GRANTED",
        "PAYMENT_RESCUED",
        "SEATS_SOLD",
        "ORDER_EXPIRED",
    } <= whats
    assert [what for what in sorted(whats) if not sentence_of(what, "1 HOLD_EXPIRED")] == []


@pytest.mark.parametrize("kind", [LegKind.PLACES, LegKind.VOUCHER])
def test_what_becomes_of_each_tender_is_told(kind: LegKind) -> None:
    sentences = [sentence_of(f"{kind}_{what}", "leg-1") for what in ("RESERVED", "CAPTURED")]

    assert all("leg-1" in sentence for sentence in sentences)


@pytest.mark.parametrize("refusal", [each for each in Refusal if each != "UNKNOWN_REFERENCE"])
def test_every_refusal_says_why_in_words(refusal: Refusal) -> None:
    sentence = sentence_of("PAYMENT_REFUSED", f"2 {refusal}")

    assert sentence.startswith("Payment attempt 2 was refused")
    assert refusal not in sentence


def test_what_is_not_known_has_no_sentence() -> None:
    assert sentence_of("SOMETHING_NEW", "") == ""
