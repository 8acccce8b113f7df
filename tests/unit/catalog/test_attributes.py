import pytest

from services.catalog.domain.attributes import (
    RATING_PENDING,
    UNRATED,
    LanguageKind,
    LanguageVersion,
    interpret,
)
from services.catalog.domain.import_profile import Category
from services.catalog.domain.vocabularies import CINEMA_CITY_RO, with_ratings


@pytest.mark.parametrize(
    ("tokens", "formats"),
    [
        (["2d"], ("2D",)),
        (["3d", "imax"], ("3D", "IMAX")),
        (["4dx"], ("2D", "4DX")),
        ([], ("2D",)),
    ],
)
def test_the_projection_is_always_named(tokens: list[str], formats: tuple[str, ...]) -> None:
    assert interpret(tokens, CINEMA_CITY_RO).formats == formats


@pytest.mark.parametrize(
    ("tokens", "rating"),
    [
        (["ag"], "AG"),
        (["AP-12"], "AP-12"),
        (["15"], "N-15"),
        (["18*"], "IM-18-XXX"),
        (["na"], UNRATED),
        (["tbc"], RATING_PENDING),
        (["12a"], RATING_PENDING),
        ([], RATING_PENDING),
        (["n-15", "15"], "N-15"),
        (["n-15", "im-18"], RATING_PENDING),
    ],
)
def test_a_rating_is_pending_unless_exactly_one_is_named(tokens: list[str], rating: str) -> None:
    assert interpret(tokens, CINEMA_CITY_RO).rating == rating


@pytest.mark.parametrize(
    ("tokens", "category"),
    [
        (["2d"], Category.MOVIE),
        (["vip"], Category.VIP),
        (["vip", "alternative-content"], Category.ALTERNATIVE),
        (["unlimited-screening", "vip"], Category.OTHER),
    ],
)
def test_the_category_is_the_most_restrictive_one(tokens: list[str], category: Category) -> None:
    assert interpret(tokens, CINEMA_CITY_RO).category is category


@pytest.mark.parametrize(
    ("tokens", "version"),
    [
        (
            ["original-lang-en", "subbed", "first-subbed-lang-ro"],
            LanguageVersion(LanguageKind.SUBTITLED, ("en",), ("ro",)),
        ),
        (["dubbed", "dubbed-lang-ro"], LanguageVersion(LanguageKind.DUBBED, ("ro",))),
        (
            ["dubbed-lang-ro", "first-subbed-lang-hu"],
            LanguageVersion(LanguageKind.DUBBED, ("ro",), ("hu",)),
        ),
        (
            ["original", "original-lang-en-us"],
            LanguageVersion(LanguageKind.ORIGINAL, ("en-us",)),
        ),
        (["subbed"], LanguageVersion(LanguageKind.SUBTITLED)),
        (["2d"], LanguageVersion(LanguageKind.UNKNOWN)),
    ],
)
def test_language_tokens_name_the_version(tokens: list[str], version: LanguageVersion) -> None:
    attributes = interpret(tokens, CINEMA_CITY_RO)

    assert attributes.language == version


def test_the_lists_of_todays_feed_win_over_the_tokens() -> None:
    lists = {"original": (), "dubbed": ("uk",), "voiceover": (), "subtitles": ()}

    attributes = interpret(["subbed", "original-lang-en"], CINEMA_CITY_RO, lists)

    assert attributes.language == LanguageVersion(LanguageKind.DUBBED, ("uk",))


def test_empty_lists_leave_the_tokens_in_force() -> None:
    lists = {"original": (), "dubbed": (), "voiceover": (), "subtitles": ()}

    attributes = interpret(["subbed"], CINEMA_CITY_RO, lists)

    assert attributes.language.kind is LanguageKind.SUBTITLED


def test_unknown_tokens_are_kept_once_and_sorted() -> None:
    attributes = interpret(["2d", "zzz", "scratch-n-sniff", "zzz"], CINEMA_CITY_RO)

    assert attributes.unknown_tokens == ("scratch-n-sniff", "zzz")


def test_a_cinema_may_bring_its_own_rating_tokens() -> None:
    vocabulary = with_ratings({"12-Plus": "AP-12"})

    assert interpret(["12-plus"], vocabulary).rating == "AP-12"
    assert interpret(["n-15"], vocabulary).unknown_tokens == ("n-15",)
