"""Makes e-mails of templates: `<kind>.<language>.txt.j2` in a service's own folder `mail`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension

from services.common.mail.letter import Heading, Letter, Paragraph, inert, read_letter
from services.common.mail.letter_html import FONT, blocks_html
from services.common.mail.letter_text import text_of
from services.common.mail.local_text import NO_BREAK_SPACE
from services.common.mail.message import Attachment, Image, Rendered

LANGUAGES = ("ro", "fr", "en")
FALLBACK_LANGUAGE = "en"
MAX_PREVIEW_CHARACTERS = 140

_COLONS = {"ro": ":", "fr": f"{NO_BREAK_SPACE}:", "en": ":"}
_LINE_TAG = re.compile(r"^%[ ]*(.+)\n", re.MULTILINE)


def known_language(wanted: str) -> str:
    """Give the language that letters are written in: the wanted one, or else English."""
    return wanted if wanted in LANGUAGES else FALLBACK_LANGUAGE


class _LineTags(Extension):
    """Lines beginning with % are tags, and leave no empty line behind.

    Jinja's own line statements also take the empty lines that follow, which end paragraphs.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        del name, filename
        return _LINE_TAG.sub(r"{% \1 %}", source)


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a service. `brand` is the sender's name, above each of them."""

    package: str
    brand: str
    _texts: Environment = field(init=False)
    _html: Environment = field(init=False)

    def __post_init__(self) -> None:
        texts = Environment(
            loader=PackageLoader(self.package, "mail"),
            autoescape=False,  # noqa: S701 - plain text; `finalize` does for markup what it needs.
            undefined=StrictUndefined,
            finalize=inert,
            extensions=[_LineTags],
            auto_reload=False,
            keep_trailing_newline=True,
        )
        html = Environment(
            loader=PackageLoader("services.common", "mail"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        object.__setattr__(self, "_texts", texts)
        object.__setattr__(self, "_html", html)

    def kinds(self) -> set[str]:
        """List the kinds of letters that there are templates of."""
        names = self._texts.list_templates(filter_func=lambda name: not name.startswith("_"))
        return {name.partition(".")[0] for name in names}

    def text(self, kind: str, language: str, facts: Mapping[str, Any]) -> str:
        """Write something that goes into an e-mail as a text of its own, with its first line."""
        language = known_language(language)
        template = self._texts.get_template(_template_name(kind, language))
        letter = read_letter(template.render(facts, language=language))
        return f"{letter.subject}\n\n{self._text(letter, language)}"

    def write(
        self,
        kind: str,
        language: str,
        facts: Mapping[str, Any],
        *,
        images: tuple[Image, ...] = (),
        attachments: tuple[Attachment, ...] = (),
    ) -> Rendered:
        """Write a letter as text and as HTML. A fact that a template lacks is an error."""
        language = known_language(language)
        template = self._texts.get_template(_template_name(kind, language))
        letter = read_letter(template.render(facts, language=language))
        return Rendered(
            letter.subject,
            self._text(letter, language),
            self._page(letter, language),
            images,
            attachments,
        )

    def _text(self, letter: Letter, language: str) -> str:
        return text_of(letter, colon=_COLONS[language])

    def _page(self, letter: Letter, language: str) -> str:
        return self._html.get_template("letter.html.j2").render(
            letter=letter,
            blocks=blocks_html(letter),
            font=FONT,
            brand=self.brand,
            language=language,
            preview=_preview(letter),
        )


def _template_name(kind: str, language: str) -> str:
    return f"{kind}.{language}.txt.j2"


def _preview(letter: Letter) -> str:
    """Give what mail programs show beside the subject."""
    for block in letter.blocks:
        if isinstance(block, Heading):
            return block.text[:MAX_PREVIEW_CHARACTERS]
        if isinstance(block, Paragraph):
            return " ".join(block.lines)[:MAX_PREVIEW_CHARACTERS]
    return ""
