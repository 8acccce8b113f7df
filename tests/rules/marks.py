"""A pytest plugin: keeps the tests that carry a rule, and writes the rules on their reports."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say of each test which rules it carries: reports travel between processes, marks do not."""
    carriers = []
    for item in items:
        rules = [str(mark.args[0]) for mark in item.iter_markers("rule")]
        item.user_properties.extend(("rule", rule) for rule in rules)
        if rules:
            carriers.append(item)
    config.hook.pytest_deselected(items=[item for item in items if not item.user_properties])
    items[:] = carriers
