import pytest

from services.wallet.domain.surname import comparable


@pytest.mark.rule("CARD-14")
@pytest.mark.parametrize(
    ("on_the_card", "typed"),
    [
        ("Popescu", "POPESCU"),
        ("Brâncuși", "brancusi"),
        ("Ștefănescu-Țepeș", "stefanescu tepes"),
        ("Lévy-Strauß", "LEVY STRAUSS"),
        ("O'Connor", "oconnor"),
        ("Łukasiewicz", "Lukasiewicz"),
        ("Brancu\u0219i", "Brancus\u0326i"),
    ],
)
def test_case_accents_hyphens_and_blanks_of_a_surname_do_not_matter(on_the_card: str, typed: str):
    assert comparable(on_the_card) == comparable(typed)


@pytest.mark.parametrize(("one", "other"), [("Pop", "Popa"), ("Ionescu", "Ionesco"), ("", "Pop")])
def test_different_surnames_stay_different(one: str, other: str):
    assert comparable(one) != comparable(other)
