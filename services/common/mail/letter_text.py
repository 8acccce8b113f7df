"""A letter as plain text."""

from collections.abc import Iterator

from services.common.mail.letter import Block, Code, Facts, Heading, Item, Letter, Link, Paragraph


def text_of(letter: Letter, *, colon: str = ":") -> str:
    """Write a letter for those who read no HTML: everything is in it, the links too."""
    return "\n\n".join("\n".join(_lines(block, colon)) for block in letter.blocks) + "\n"


def _lines(block: Block, colon: str) -> Iterator[str]:
    match block:
        case Heading(text):
            yield text
            yield "=" * len(text)
        case Paragraph(lines):
            yield from lines
        case Facts(rows):
            yield from (f"{label}{colon} {value}" for label, value in rows)
        case Link(label, address):
            yield f"{label}{colon} {address}"
        case Code(text):
            yield f"    {text}"
        case Item(title, lines, _, address, address_label):
            yield title
            yield from (f"  {line}" for line in lines)
            if address:
                yield f"  {address_label}{colon} {address}"
