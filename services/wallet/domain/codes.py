"""Codes of cards and vouchers: Crockford base32 with a check character, in groups of four."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 19 characters of 5 bits are 95 random bits; a code in 27 is drawn again (see `check_character`).
DATA_CHARACTERS = 19
RANDOM_BITS = 95
GROUP_LENGTH = 4
LAST_CHARACTERS = 4

_CHECK_MODULUS = 37
_BITS_PER_CHARACTER = 5
_IGNORED = str.maketrans("", "", " -\t\u00a0\u2010\u2011\u2013")
_LOOK_ALIKES = str.maketrans("OIL", "011")


def code_of(random_number: int) -> str | None:
    """Make the 20-character code of a number below 2**95.

    None when its check symbol would be one of Crockford's five that are no letter or digit: the
    caller draws again.
    """
    data = "".join(
        ALPHABET[random_number >> (_BITS_PER_CHARACTER * place) & 31]
        for place in reversed(range(DATA_CHARACTERS))
    )
    check = check_character(data)
    return None if check is None else data + check


def check_character(data: str) -> str | None:
    """Give Crockford's check symbol (the number modulo 37) where it is a letter or digit."""
    value = 0
    for character in data:
        value = (value * len(ALPHABET) + ALPHABET.index(character)) % _CHECK_MODULUS
    return ALPHABET[value] if value < len(ALPHABET) else None


def is_well_formed(code: str) -> bool:
    """Tell whether a normalised code has the right length, characters and check character."""
    if len(code) != DATA_CHARACTERS + 1 or not set(code) <= set(ALPHABET):
        return False
    return check_character(code[:-1]) == code[-1]


def normalise(typed: str) -> str:
    """Read what people type: blanks, dashes and case do not matter, O is 0, I and L are 1."""
    return typed.translate(_IGNORED).upper().translate(_LOOK_ALIKES)


def grouped(code: str) -> str:
    """Write a code in groups of four, as it is printed."""
    return "-".join(
        code[start : start + GROUP_LENGTH] for start in range(0, len(code), GROUP_LENGTH)
    )


def masked(last_characters: str) -> str:
    """Hide all but the last four characters."""
    hidden = "*" * (DATA_CHARACTERS + 1 - LAST_CHARACTERS)
    return grouped(hidden + last_characters)
