"""The attribute vocabularies of the chains whose feeds are known."""

from collections.abc import Mapping
from dataclasses import replace

from services.catalog.domain.attributes import RATING_PENDING, UNRATED
from services.catalog.domain.import_profile import AttributeVocabulary, Category

_FORMATS = {
    "2d": "2D",
    "3d": "3D",
    "4dx": "4DX",
    "dolby-atmos": "DOLBY_ATMOS",
    "imax": "IMAX",
    "screenx": "SCREENX",
    "superscreen": "SUPERSCREEN",
    "vip": "VIP",
}
_CATEGORIES = {
    "alternative-content": Category.ALTERNATIVE,
    "classicfilm": Category.MOVIE,
    "movies-for-juniors": Category.MOVIE,
    "qa": Category.MOVIE,
    # For members of a subscription only.
    "unlimited-screening": Category.OTHER,
    "vip": Category.VIP,
}
_GENRES = frozenset(
    {
        "action", "adventure", "animation", "anime", "biography", "comedy", "crime",
        "documentary", "drama", "family", "fantasy", "history", "horror", "music", "musical",
        "mystery", "romance", "sci-fi", "sport", "suspense", "thriller", "war", "western",
    }
)  # fmt: skip
_ACCESSIBILITY = frozenset({"audio-described", "autism-friendly", "sc"})
_IGNORED = frozenset({"laser-barco", "recliner", "reserved-selected"})

CINEMA_CITY_RO = AttributeVocabulary(
    name="cinema-city-ro",
    ratings={
        "ag": "AG",
        "a.g.": "AG",
        "ap-12": "AP-12",
        "ap12": "AP-12",
        "12": "AP-12",
        "n-15": "N-15",
        "n15": "N-15",
        "15": "N-15",
        "im-18": "IM-18",
        "im18": "IM-18",
        "18": "IM-18",
        "im-18-xxx": "IM-18-XXX",
        "im18xxx": "IM-18-XXX",
        "18*": "IM-18-XXX",
        "na": UNRATED,
        "tbc": RATING_PENDING,
    },
    formats=_FORMATS,
    categories=_CATEGORIES,
    genres=_GENRES,
    accessibility=_ACCESSIBILITY,
    ignored=_IGNORED,
)
CINEMA_CITY_PL = AttributeVocabulary(
    name="cinema-city-pl",
    ratings={f"{age}-plus": f"{age}+" for age in (6, 7, 10, 12, 13, 15, 16, 18)}
    | {"na": UNRATED, "tbc": RATING_PENDING},
    formats=_FORMATS,
    categories=_CATEGORIES,
    genres=_GENRES,
    accessibility=_ACCESSIBILITY,
    ignored=_IGNORED,
)
CINEWORLD_UK = AttributeVocabulary(
    name="cineworld-uk",
    ratings={"u": "U", "pg": "PG", "12a": "12A", "15": "15", "18": "18", "tbc": RATING_PENDING},
    formats=_FORMATS,
    categories=_CATEGORIES,
    genres=_GENRES,
    accessibility=_ACCESSIBILITY,
    ignored=_IGNORED,
)


def with_ratings(ratings: Mapping[str, str]) -> AttributeVocabulary:
    """Make the vocabulary of a cinema that brings its own mapping of rating tokens."""
    return replace(
        CINEMA_CITY_RO, name="own", ratings={token.lower(): code for token, code in ratings.items()}
    )
