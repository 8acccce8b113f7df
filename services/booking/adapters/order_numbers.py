"""Numbers that people read, type and say on the phone."""

import secrets

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: nothing that looks or sounds alike.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
_GROUPS = 2
_GROUP_CHARACTERS = 4


def new_order_number() -> str:
    """Make a number such as `K7QF-3M4D`: 36 random bits; two alike are a nuisance, no harm."""
    groups = (
        "".join(secrets.choice(ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
