"""IDs: time-ordered, parsed strictly."""

from typing import Any
from uuid import RFC_4122

import pytest

from services.common import ids
from services.common.errors import InvalidRequestError


def test_a_new_id_is_a_version_7_uuid() -> None:
    new = ids.new_id()

    assert (new.version, new.variant) == (7, RFC_4122)


def test_new_ids_differ() -> None:
    assert len({ids.new_id() for _ in range(1000)}) == 1000


def test_an_id_is_read_back() -> None:
    new = ids.new_id()

    assert ids.parse(str(new)) == new


@pytest.mark.parametrize("text", ["", "x" * 36, "{019aa84e-0000-7000-8000-000000000001}", "1"])
def test_anything_else_names_the_field(text: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        ids.parse(text, field="order_id")

    assert caught.value.violations[0].field == "order_id"
