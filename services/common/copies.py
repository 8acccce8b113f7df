"""Reading and copying dataclasses as they are: `dataclasses` looks all fields up anew each time."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def reader(kind: type[T]) -> Callable[[T], tuple[Any, ...]]:
    """Make what gives the values that one is made of, in the order in which it takes them.

    There must be two of them at least.
    """
    names = (field.name for field in fields(kind) if field.init)  # type: ignore[arg-type]
    return attrgetter(*names)


def copier(kind: type[T]) -> Callable[[T], T]:
    """Make what `dataclasses.replace` does when nothing is replaced."""
    values_of = reader(kind)
    return lambda original: kind(*values_of(original))
