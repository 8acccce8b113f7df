"""Letters: a small markup, read into blocks, written as text and as HTML."""

import pytest

from services.common.mail.letter import (
    Code,
    Facts,
    Heading,
    Item,
    Letter,
    Link,
    Paragraph,
    inert,
    read_letter,
)
from services.common.mail.letter_text import text_of

WHOLE = """Your thing,
number 7

# A heading

Dear reader,
welcome.

! Mind the step

| One | 1

| Two | 2
= AB-12

* First of two
^ picture-1
Row A
[Show]( https://shop.example/a)

[Go there](https://shop.example/b)
+ [Press here](https://shop.example/c)

~ small print
"""


def test_each_kind_of_line_becomes_a_block_of_its_kind() -> None:
    letter = read_letter(WHOLE.replace("( ", "("))

    assert letter == Letter(
        "Your thing, number 7",
        (
            Heading("A heading"),
            Paragraph(("Dear reader,", "welcome.")),
            Paragraph(("Mind the step",), "important"),
            Facts((("One", "1"),)),
            Facts((("Two", "2"),)),
            Code("AB-12"),
            Item("First of two", ("Row A",), "picture-1", "https://shop.example/a", "Show"),
            Link("Go there", "https://shop.example/b"),
            Link("Press here", "https://shop.example/c", is_button=True),
            Paragraph(("small print",), "small"),
        ),
    )


def test_the_text_has_everything_that_the_html_shows() -> None:
    text = text_of(read_letter(WHOLE.replace("( ", "(")))

    for part in ("A heading", "welcome.", "Mind the step", "One: 1", "Two: 2", "AB-12", "Row A",
                 "Show: https://shop.example/a", "Go there: https://shop.example/b"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    "value",
    [
        "# not a heading",
        "! urgent",
        "= 12345",
        "| a | b",
        "* thing",
        "~ fine",
        "+ [Press](https://evil.example)",
        "[Win a prize](https://evil.example)",
        "https://evil.example/?a=(b)",
        "one\n\n# two",
        "one\r\n! two",
        "one\u2028= two",
        "\ue023 sneaked in",
    ],
)
def test_what_is_filled_in_is_never_markup(value: str) -> None:
    letter = read_letter(f"Subject\n\n{inert(value)}\n\nend")

    first, last = letter.blocks
    assert isinstance(first, Paragraph)
    assert len(first.lines) == 1
    assert last == Paragraph(("end",))


def test_what_is_filled_in_comes_out_as_it_went_in() -> None:
    value = "Fast & [Furious] (10) = #1! | *~^"

    letter = read_letter(f"{inert(value)}\n\n| Film | {inert(value)}")

    assert letter == Letter(value, (Facts((("Film", value),)),))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "data:text/html,x"])
def test_only_web_addresses_become_links(address: str) -> None:
    letter = read_letter(f"Subject\n\n[Go]({inert(address)})")

    assert letter.blocks == (Paragraph((f"Go: {address}",)),)
