"""Letters of templates: each kind in each language, and nothing that is missing goes unseen."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from services.common.mail.letters import LANGUAGES, Letters, known_language

PACKAGES = ("services.booking", "services.wallet")
PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_kind_of_letter_is_there_in_every_language(package: str) -> None:
    letters = Letters(package, "Parterre")
    folder = PROJECT / package.replace(".", "/") / "mail"

    names = {path.name for path in folder.iterdir()}

    kinds = {name.partition(".")[0] for name in names}
    assert letters.kinds() <= kinds
    assert names == {f"{kind}.{language}.txt.j2" for kind in kinds for language in LANGUAGES}


def test_a_missing_fact_is_an_error_and_no_gap() -> None:
    letters = Letters("services.wallet", "Parterre")

    with pytest.raises(UndefinedError):
        letters.write("card-bought", "en", {"product_name": "Five places"})


@pytest.mark.parametrize(("wanted", "given"), [("fr", "fr"), ("de", "en"), ("", "en")])
def test_a_language_that_no_letter_has_is_english(wanted: str, given: str) -> None:
    assert known_language(wanted) == given
