"""Numbers that people read, type and say on the phone."""

import secrets

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: nothing that looks or sounds alike.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
_GROUP_CHARACTERS = 4
_CHARACTERS = 2 * _GROUP_CHARACTERS
_NUMBERS = len(ALPHABET) ** _CHARACTERS


def new_order_number() -> str:
    """Make a number such as `K7QF-3M4D`: 36 random bits; two alike are a nuisance, no harm."""
    # Drawn once: to ask the system for each character took longer than making the order.
    rest, characters = secrets.randbelow(_NUMBERS), ""
    for _ in range(_CHARACTERS):
        rest, place = divmod(rest, len(ALPHABET))
        characters += ALPHABET[place]
    return f"{characters[:_GROUP_CHARACTERS]}-{characters[_GROUP_CHARACTERS:]}"
