"""What a feed row's attribute tokens say: format, language version, rating, category."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.domain.import_profile import AttributeVocabulary, Category

# The film has been presented for rating, or its token is unknown: listed, never sellable.
RATING_PENDING = "RATING_PENDING"
# The feed says that no rating applies.
UNRATED = "UNRATED"

_LANGUAGE_WORDS = frozenset({"original", "dubbed", "subbed", "voiceover"})
# Longest first: a token has the meaning of the first prefix that fits.
_LANGUAGE_PREFIXES = (
    ("first-subbed-lang-", "subtitles"),
    ("second-subbed-lang-", "subtitles"),
    ("subbed-lang-", "subtitles"),
    ("voiceover-lang-", "voiceover"),
    ("original-lang-", "original"),
    ("dubbed-lang-", "dubbed"),
)
# What an event is, when several of its tokens say so: the most restrictive.
_CATEGORY_RANK = (Category.OTHER, Category.ALTERNATIVE, Category.VIP)


class LanguageKind(StrEnum):
    """How a film's speech reaches the audience."""

    ORIGINAL = "ORIGINAL"
    SUBTITLED = "SUBTITLED"
    DUBBED = "DUBBED"
    VOICEOVER = "VOICEOVER"
    # The older feeds say nothing about most screenings.
    UNKNOWN = "UNKNOWN"


# What is heard, by what is done to the speech.
_AUDIO_PREFIXES = {
    LanguageKind.ORIGINAL: "original-lang-",
    LanguageKind.SUBTITLED: "original-lang-",
    LanguageKind.DUBBED: "dubbed-lang-",
    LanguageKind.VOICEOVER: "voiceover-lang-",
}
# What says the same where no language is named.
_WORDS = {
    LanguageKind.ORIGINAL: "original",
    LanguageKind.SUBTITLED: "subbed",
    LanguageKind.DUBBED: "dubbed",
    LanguageKind.VOICEOVER: "voiceover",
}


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """The language version of a screening; language codes as the feed writes them, sorted.

    `audio` is what is heard: the dubbing, the voice-over, or the original.
    """

    kind: LanguageKind
    audio: tuple[str, ...] = ()
    subtitles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attributes:
    """The meaning of a set of tokens. Every tuple is sorted and has no repeats.

    `formats` always has 2D or 3D. `unknown_tokens` are kept so that they can be reported.
    """

    formats: tuple[str, ...]
    language: LanguageVersion
    rating: str
    category: Category
    unknown_tokens: tuple[str, ...]


def interpret(
    tokens: Iterable[str],
    vocabulary: AttributeVocabulary,
    languages: Mapping[str, tuple[str, ...]] | None = None,
) -> Attributes:
    """Give the tokens of a row their meaning.

    `languages` are the lists of today's feed (original, dubbed, voiceover, subtitles); they
    win over the tokens, because older feeds have tokens only.
    """
    distinct = sorted({token.lower() for token in tokens})
    spoken = [token for token in distinct if is_language_token(token)]
    return Attributes(
        formats=_formats(distinct, vocabulary),
        language=language_version(spoken, languages),
        rating=_rating(distinct, vocabulary),
        category=_category(distinct, vocabulary),
        unknown_tokens=tuple(token for token in distinct if not _is_known(token, vocabulary)),
    )


def is_language_token(token: str) -> bool:
    return token in _LANGUAGE_WORDS or any(token.startswith(p) for p, _ in _LANGUAGE_PREFIXES)


def language_version(
    tokens: Iterable[str], languages: Mapping[str, tuple[str, ...]] | None = None
) -> LanguageVersion:
    """Read the language version from the feed's language tokens and, if it has them, its lists."""
    words = set(tokens)
    found = _languages_of(words)
    if languages and any(languages.values()):
        found = {part: set(languages.get(part, ())) for part in found}
        words = set()
    subtitles = tuple(sorted(found["subtitles"]))
    for kind, part, word in (
        (LanguageKind.DUBBED, "dubbed", "dubbed"),
        (LanguageKind.VOICEOVER, "voiceover", "voiceover"),
    ):
        if found[part] or word in words:
            return LanguageVersion(kind, tuple(sorted(found[part])), subtitles)
    audio = tuple(sorted(found["original"]))
    if subtitles or "subbed" in words:
        return LanguageVersion(LanguageKind.SUBTITLED, audio, subtitles)
    if audio or "original" in words:
        return LanguageVersion(LanguageKind.ORIGINAL, audio)
    return LanguageVersion(LanguageKind.UNKNOWN)


def language_tokens(version: LanguageVersion) -> tuple[str, ...]:
    """Write a language version in the feed's grammar, so that all are stored alike."""
    if version.kind is LanguageKind.UNKNOWN:
        return ()
    audio = tuple(f"{_AUDIO_PREFIXES[version.kind]}{code}" for code in version.audio)
    subtitles = tuple(f"subbed-lang-{code}" for code in version.subtitles)
    implied = subtitles if version.kind is LanguageKind.SUBTITLED else audio
    return (*(() if implied else (_WORDS[version.kind],)), *audio, *subtitles)


def _languages_of(tokens: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {
        "original": set(), "dubbed": set(), "voiceover": set(), "subtitles": set()
    }  # fmt: skip
    for token in tokens:
        for prefix, part in _LANGUAGE_PREFIXES:
            if token.startswith(prefix):
                found[part].add(token.removeprefix(prefix))
                break
    return found


def _formats(tokens: list[str], vocabulary: AttributeVocabulary) -> tuple[str, ...]:
    formats = {vocabulary.formats[token] for token in tokens if token in vocabulary.formats}
    if not formats & {"2D", "3D"}:
        formats.add("2D")
    return tuple(sorted(formats))


def _rating(tokens: list[str], vocabulary: AttributeVocabulary) -> str:
    ratings = {vocabulary.ratings[token] for token in tokens if token in vocabulary.ratings}
    if len(ratings) != 1:  # None, or two that contradict each other: somebody must decide.
        return RATING_PENDING
    return ratings.pop()


def _category(tokens: list[str], vocabulary: AttributeVocabulary) -> Category:
    named = {vocabulary.categories[token] for token in tokens if token in vocabulary.categories}
    return next((category for category in _CATEGORY_RANK if category in named), Category.MOVIE)


def _is_known(token: str, vocabulary: AttributeVocabulary) -> bool:
    return (
        token in vocabulary.ratings
        or token in vocabulary.formats
        or token in vocabulary.categories
        or token in vocabulary.genres
        or token in vocabulary.accessibility
        or token in vocabulary.ignored
        or is_language_token(token)
    )
