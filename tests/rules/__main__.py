"""Run the tests that carry a rule, and print the table rule -> tests -> passed."""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

IDS_FILE = Path(__file__).with_name("ids.toml")
OPTIONS = ("-q", "--no-header", "-p", "tests.rules.marks", "-n", "2", "--dist", "loadgroup")


class RuleOutcomes:
    """Collects, for each rule id, the tests that carry it and how each of them ended."""

    def __init__(self) -> None:
        self.passed_by_rule: dict[str, dict[str, bool]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or (report.when != "call" and report.passed):
            return
        for name, value in report.user_properties:
            if name == "rule":
                tests = self.passed_by_rule[str(value)]
                tests[report.nodeid] = tests.get(report.nodeid, True) and report.passed


def main() -> int:
    """Print the table; fail for a rule that is declared done and not proved, or is not known."""
    rules = tomllib.loads(IDS_FILE.read_text(encoding="utf-8"))
    outcomes = RuleOutcomes()
    pytest.main([*OPTIONS, *(sys.argv[1:] or ["tests"])], [outcomes])

    failures = []
    for rule, entry in rules.items():
        tests = outcomes.passed_by_rule.get(rule, {})
        mark = _mark(tests, text_only=entry.get("text", False))
        print(f"{mark:<9} {rule:<10} {len(tests):>3} tests  {entry['title']}")
        if entry.get("done", False) and mark != "passed":
            failures.append(f"{rule} is declared done and is {mark}")
        if mark == "FAILED":
            failures.append(f"{rule} has a failing test")
    failures += [
        f"{rule} is carried by a test and is not in the list"
        for rule in outcomes.passed_by_rule.keys() - rules.keys()
    ]
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def _mark(tests: dict[str, bool], *, text_only: bool) -> str:
    if text_only:
        return "text only"
    if not tests:
        return "open"
    return "passed" if all(tests.values()) else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
