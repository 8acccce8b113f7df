import random

from services.wallet.domain.codes import (
    ALPHABET,
    DATA_CHARACTERS,
    RANDOM_BITS,
    code_of,
    grouped,
    is_well_formed,
    masked,
    normalise,
)


def some_codes(count: int) -> list[str]:
    numbers = random.Random(7)  # noqa: S311 - the same codes in every run
    codes = (code_of(numbers.getrandbits(RANDOM_BITS)) for _ in range(count))
    return [code for code in codes if code is not None]


def test_a_code_has_95_random_bits_and_a_check_character():
    codes = some_codes(200)

    assert RANDOM_BITS >= 80
    assert len(codes) > 150
    assert all(len(code) == DATA_CHARACTERS + 1 for code in codes)
    assert all(is_well_formed(code) for code in codes)


def test_every_wrong_character_is_noticed():
    [code, *_] = some_codes(5)

    for place, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            assert not is_well_formed(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_neighbours_is_noticed():
    for code in some_codes(50):
        for place in range(len(code) - 1):
            left, right = code[place], code[place + 1]
            swapped = code[:place] + right + left + code[place + 2 :]
            assert left == right or not is_well_formed(swapped)


def test_what_people_type_is_read_kindly():
    assert normalise(" abcd-ef1o il ") == "ABCDEF1011"


def test_codes_are_shown_in_groups_and_masked_but_for_the_last_four():
    assert grouped("ABCDEFGH") == "ABCD-EFGH"
    assert masked("WXYZ") == "****-****-****-****-WXYZ"
