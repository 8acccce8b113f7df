"""Small files, short functions, settings read in one place, nothing printed, nothing left to do."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
# A file of scenarios of one thing may be longer than the code it tests.
MAX_FILE_LINES = {"services": 300, "deploy": 300, "tests": 500}
MAX_FUNCTION_LINES = 60
SETTINGS = {"services/common/settings_sources.py"}
LEFT_TO_DO = ("TO" + "DO", "FIX" + "ME", "HA" + "CK")


def sources(*folders: str) -> list[str]:
    """The Python files that git knows, generated ones left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return [name for name in listed if name.endswith(".py") and (PROJECT / name).exists()]


SERVICES = sources("services")
ALL = sources("services", "deploy", "tests")


def tree_of(name: str) -> ast.Module:
    return ast.parse((PROJECT / name).read_text(), name)


def functions_of(name: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("folder", MAX_FILE_LINES)
def test_files_are_small(folder: str) -> None:
    lines = {name: len((PROJECT / name).read_text().splitlines()) for name in sources(folder)}

    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES[folder]} == {}


def test_functions_are_short() -> None:
    long = {
        f"{name}: {function}": lines
        for name in ALL
        for function, lines in functions_of(name)
        if lines > MAX_FUNCTION_LINES
    }

    assert long == {}


def test_the_environment_is_read_in_the_settings_only() -> None:
    readers = {
        name
        for name in SERVICES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }

    assert readers <= SETTINGS


def test_services_print_nothing() -> None:
    printing = {
        name
        for name in SERVICES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"print", "pprint", "breakpoint"}
    }

    assert printing == set()


def test_nothing_is_left_to_do() -> None:
    left = {
        f"{name}: {word}"
        for name in ALL
        for word in LEFT_TO_DO
        if word in (PROJECT / name).read_text()
    }

    assert left == set()
