"""A letter: what an e-mail says, as blocks, from which both its text and its HTML are made.

Letters are written in a small markup that reads as a plain letter. The first paragraph is the
subject; then, each kind of line for itself, with blank lines between paragraphs:

    # a heading                  ! something important
    | label | value              = a code, written large
    [label](address)             + [label](address), as a button
    ~ small print

A paragraph that begins with `* a title` is one of several things of a kind: its other lines are
text, the name of an image (`^ name`), and an address. Anything else is text. What is filled in is
never read as markup: `inert` sees to that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

# What is filled in carries its punctuation in a private area of Unicode until the markup is read.
_PRIVATE = 0xE000
_ASCII = range(0x80)
_INERT = {
    **{_PRIVATE + code: None for code in _ASCII},
    **dict.fromkeys((*range(32), 127, 133, 8232, 8233), " "),
    **{ord(mark): chr(_PRIVATE + ord(mark)) for mark in "#!|=~+*^[]()"},
}
_READ = {_PRIVATE + code: chr(code) for code in _ASCII}
# Most texts have nothing to translate, and that is seen faster.
_HAS_INERT = re.compile(f"[{re.escape(''.join(map(chr, _INERT)))}]")
_HAS_READ = re.compile(f"[{''.join(map(chr, _READ))}]")
_LINK = re.compile(r"\[([^\]]+)\]\((\S+)\)")
_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that says what the letter is about."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text. `tone` is "" or `important` or `small`."""

    lines: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An address to follow."""

    label: str
    address: str
    is_button: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Something to type over or to show, written large."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of several things of the same kind. `image` names an `Image` of the e-mail, or is ""."""

    title: str
    lines: tuple[str, ...]
    image: str = ""
    address: str = ""
    address_label: str = ""


Block: TypeAlias = Heading | Paragraph | Facts | Link | Code | Item


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and what follows."""

    subject: str
    blocks: tuple[Block, ...]


def inert(value: object) -> str:
    """Write a value so that nothing in it is read as markup, nor as another line."""
    text = str(value)
    return text.translate(_INERT) if _HAS_INERT.search(text) else text


def read_letter(text: str) -> Letter:
    """Read the markup."""
    subject, *paragraphs = [part for part in text.split("\n\n") if part.strip()]
    blocks: list[Block] = []
    for paragraph in paragraphs:
        lines = [line for each in paragraph.split("\n") if (line := each.strip())]
        if lines[0][0] == "*":
            blocks.append(_item(lines))
        else:
            blocks += [block for kind, some in _runs(lines) for block in _blocks(kind, some)]
    return Letter(_plain(" ".join(subject.split())), tuple(blocks))


def _runs(lines: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Put neighbouring lines of one kind together."""
    runs: list[tuple[str, list[str]]] = []
    for line in lines:
        kind = line[0] if line[0] in "#!|=~+[" else ""
        if kind == "[" and not _LINK.fullmatch(line):
            kind = ""
        if not runs or runs[-1][0] != kind:
            runs.append((kind, []))
        runs[-1][1].append(line)
    return runs


def _item(lines: Sequence[str]) -> Item:
    title, image, address, label = lines[0][1:].strip(), "", "", ""
    rest: list[str] = []
    for line in lines[1:]:
        if line[0] == "^":
            image = line[1:].strip()
            continue
        link = _link(line)
        if isinstance(link, Link):
            address, label = link.address, link.label
        else:
            rest += link.lines
    return Item(_plain(title), tuple(rest), _plain(image), address, label)


def _blocks(kind: str, lines: Sequence[str]) -> Sequence[Block]:
    rest = [_plain(line[1:].strip()) for line in lines]
    blocks: Sequence[Block]
    match kind:
        case "#":
            blocks = [Heading(text) for text in rest]
        case "!":
            blocks = [Paragraph(tuple(rest), "important")]
        case "~":
            blocks = [Paragraph(tuple(rest), "small")]
        case "=":
            blocks = [Code(text) for text in rest]
        case "|":
            blocks = [Facts(tuple(_row(line) for line in lines))]
        case "[":
            blocks = [_link(line) for line in lines]
        case "+":
            blocks = [_link(line[1:].strip(), is_button=True) for line in lines]
        case _:
            blocks = [Paragraph(tuple(_plain(line) for line in lines))]
    return blocks


def _row(line: str) -> tuple[str, str]:
    label, _, value = line[1:].partition("|")
    return _plain(label.strip()), _plain(value.strip())


def _link(line: str, *, is_button: bool = False) -> Link | Paragraph:
    """Only web addresses become links; anything else stays text."""
    found = _LINK.fullmatch(line)
    if found is None:
        return Paragraph((_plain(line),))
    label, address = _plain(found[1]), _plain(found[2])
    if not _ADDRESS.fullmatch(address):
        return Paragraph((f"{label}: {address}",))
    return Link(label, address, is_button)


def _plain(text: str) -> str:
    return text if text.isprintable() or not _HAS_READ.search(text) else text.translate(_READ)
