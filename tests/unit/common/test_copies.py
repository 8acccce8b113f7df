"""Copies of dataclasses are equal, and apart."""

from dataclasses import dataclass, field

from services.common.copies import copier, reader


@dataclass(slots=True)
class Thing:
    name: str
    parts: list[str]
    size: int = 1
    label: str = field(init=False)

    def __post_init__(self) -> None:
        self.label = f"{self.name}!"


def test_a_copy_is_equal_and_may_be_changed() -> None:
    original = Thing("a", ["x"], 3)

    copied = copier(Thing)(original)
    same = copied == original
    copied.size = 4

    assert same
    assert (original.size, original.parts is copied.parts) == (3, True)


def test_what_it_is_made_of_is_read_in_its_order() -> None:
    thing = Thing("a", ["x"], 3)

    assert reader(Thing)(thing) == ("a", ["x"], 3)
