"""Films that do not exist, in the versions that a cinema books."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LINKS = "https://cinema.example"


class Language(StrEnum):
    """How a version speaks; the value is the letter in its id."""

    ORIGINAL = "o"
    SUBTITLED = "s"
    DUBBED = "d"


@dataclass(frozen=True, slots=True)
class Film:
    """A work: `rating` is the CNC category, `spoken` the language it was made in."""

    number: int
    title: str
    length_minutes: int
    rating: str
    genres: tuple[str, ...]
    spoken: str
    release_date: str
    languages: tuple[Language, ...] = (Language.SUBTITLED,)
    is_3d: bool = False
    is_large: bool = False
    is_alternative: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What the feed calls a film: a work in one language version and projection."""

    film: Film
    language: Language
    is_3d: bool

    @property
    def id(self) -> str:
        return f"{self.film.number}{self.language}{3 if self.is_3d else 2}r"

    @property
    def slug(self) -> str:
        plain = self.film.title.lower().translate(_PLAIN_LETTERS)
        return "-".join("".join(c if c.isalnum() else " " for c in plain).split())

    def tokens(self) -> list[str]:
        tokens = [self.film.rating.lower(), "3d" if self.is_3d else "2d", *self.film.genres]
        if self.film.is_alternative:
            tokens.append("alternative-content")
        match self.language:
            case Language.ORIGINAL:
                tokens += ["original", f"original-lang-{self.film.spoken}"]
            case Language.SUBTITLED:
                spoken = f"original-lang-{self.film.spoken}"
                tokens += ["subbed", "first-subbed-lang-ro", spoken]
            case Language.DUBBED:
                tokens += ["dubbed", "dubbed-lang-ro"]
        return tokens

    def languages(self) -> dict[str, list[str]]:
        is_dubbed = self.language is Language.DUBBED
        return {
            "original": [] if is_dubbed else [self.film.spoken],
            "dubbed": ["ro"] if is_dubbed else [],
            "voiceover": [],
            "subtitles": ["ro"] if self.language is Language.SUBTITLED else [],
        }


_PLAIN_LETTERS = str.maketrans("ăâîșț", "aaist")
_O, _S, _D = Language.ORIGINAL, Language.SUBTITLED, Language.DUBBED

FILMS = (
    Film(9001, "Farul de la capătul iernii", 118, "AP-12", ("drama",), "ro", "2026-11-06", (_O,)),
    Film(9002, "Ultimul tramvai spre Obor", 97, "N-15", ("comedy",), "ro", "2026-10-30", (_O,)),
    Film(
        9003, "Orbita a șaptea", 142, "AP-12", ("action", "sci-fi"), "en", "2026-11-13",
        is_3d=True, is_large=True,
    ),
    Film(
        9004, "Ariciul și luna de hârtie", 89, "AG", ("animation", "family"), "en", "2026-11-20",
        (_D, _S), is_3d=True,
    ),
    Film(9005, "Casa fără uși", 104, "IM-18", ("horror",), "en", "2026-11-13"),
    Film(9006, "Grădinarul din Lisabona", 111, "N-15", ("drama", "romance"), "pt", "2026-11-06"),
    Film(
        9007, "Vânt de oțel", 131, "N-15", ("action", "thriller"), "en", "2026-11-20",
        is_large=True,
    ),
    Film(9008, "Bunica a furat un submarin", 95, "AG", ("comedy", "family"), "en", "2026-10-23",
         (_D, _S)),
    Film(9009, "Protocolul Albatros", 124, "AP-12", ("thriller",), "en", "2026-11-06"),
    Film(9010, "Numele meu e Zăpadă", 101, "AP-12", ("drama",), "ja", "2026-11-13"),
    Film(
        9011, "Balena de cristal", 84, "AG", ("adventure", "animation"), "en", "2026-11-06", (_D,),
        is_3d=True,
    ),
    Film(9012, "Noaptea contabililor", 108, "N-15", ("comedy", "crime"), "en", "2026-11-20"),
    Film(9013, "Regina de pe Argeș", 136, "AP-12", ("drama", "history"), "ro", "2026-11-20", (_O,)),
    Film(9014, "Două ceasuri până la mare", 93, "AG", ("romance",), "fr", "2026-10-30"),
    Film(
        9015, "Furtuna din Meridian", 149, "AP-12", ("adventure", "fantasy"), "en", "2026-11-20",
        is_3d=True, is_large=True,
    ),
    Film(9016, "Al treilea martor", 115, "N-15", ("crime",), "ko", "2026-11-13"),
    Film(9017, "Șoaptele de sub pod", 99, "IM-18", ("horror", "thriller"), "en", "2026-10-30"),
    Film(9018, "Manual pentru mirese grăbite", 102, "AP-12", ("comedy",), "en", "2026-11-06"),
    Film(
        9019, "Livada, o seară de teatru", 165, "AP-12", ("drama",), "ro", "2026-11-23", (_O,),
        is_alternative=True,
    ),
    Film(9020, "Pe urmele ultimului râs", 78, "AG", ("documentary",), "en", "2026-11-13"),
)  # fmt: skip


def all_versions() -> Iterator[Version]:
    for film in FILMS:
        for language in film.languages:
            yield Version(film, language, is_3d=False)
            if film.is_3d:
                yield Version(film, language, is_3d=True)
