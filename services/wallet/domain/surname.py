"""Surnames as they are compared: case, accents, hyphens and blanks do not matter."""

import unicodedata

# Letters that are not a plain one with an accent.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"}
)


def comparable(surname: str) -> str:
    """Write a surname in the one way in which two of them are compared."""
    folded = unicodedata.normalize("NFKD", surname.casefold()).translate(_LETTERS)
    return "".join(character for character in folded if character.isalnum())
