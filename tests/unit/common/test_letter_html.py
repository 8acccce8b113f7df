"""The blocks of a letter as HTML: all that they say, and nothing that somebody slipped in."""

from html.parser import HTMLParser

import pytest

from services.common.mail.letter import Block, Code, Facts, Heading, Item, Letter, Link, Paragraph
from services.common.mail.letter_html import blocks_html

SLIPPED_IN = "\"'><script>alert(1)</script>&amp;"
# A block, how often the text is shown in it, and in how many attributes it stands.
BLOCKS: list[tuple[Block, int, int]] = [
    (Heading(SLIPPED_IN), 1, 0),
    (Paragraph((SLIPPED_IN, SLIPPED_IN)), 2, 0),
    (Paragraph((SLIPPED_IN,), "important"), 1, 0),
    (Paragraph((SLIPPED_IN,), "small"), 1, 0),
    (Facts(((SLIPPED_IN, SLIPPED_IN),)), 2, 0),
    (Link(SLIPPED_IN, SLIPPED_IN), 1, 1),
    (Link(SLIPPED_IN, SLIPPED_IN, is_button=True), 1, 1),
    (Code(SLIPPED_IN), 1, 0),
    (Item(SLIPPED_IN, (SLIPPED_IN,), SLIPPED_IN, SLIPPED_IN, SLIPPED_IN), 3, 3),
]


class Reader(HTMLParser):
    """What a mail program would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [value for _, value in attrs if value]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data)


def read(*blocks: Block) -> Reader:
    reader = Reader()
    reader.feed(blocks_html(Letter("A subject", blocks)))
    reader.close()
    return reader


@pytest.mark.parametrize(("block", "shown", "in_attributes"), BLOCKS)
def test_whatever_a_letter_says_is_text_and_never_markup(
    block: Block, shown: int, in_attributes: int
) -> None:
    page = read(block)

    assert page.texts == [SLIPPED_IN] * shown
    assert "script" not in page.tags
    assert sum(SLIPPED_IN in value for value in page.attributes) == in_attributes


def test_the_first_heading_is_the_letters_and_the_others_are_below_it() -> None:
    page = read(Heading("One"), Paragraph(("Text",)), Heading("Two"), Heading("Three"))

    assert page.tags == ["h1", "p", "h2", "h2"]


def test_an_item_without_picture_and_address_has_room_for_neither() -> None:
    page = read(Item("Row A, seat 1", ("Adult",)))

    assert page.texts == ["Row A, seat 1", "Adult"]
    assert not {"img", "a"} & set(page.tags)
