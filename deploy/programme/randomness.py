"""Random choices that are the same for the same seed, wherever and in whatever order made."""

from random import Random


def random_for(seed: int, *path: str) -> Random:
    """Make a generator for one thing, named by its path, so that no other choice moves it."""
    return Random("/".join((str(seed), *path)))  # noqa: S311 - sample data, no secrets.
