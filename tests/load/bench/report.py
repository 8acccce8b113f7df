"""Writes a bench as tables that read in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.load.bench.figures import Figure
from tests.load.bench.goals import GOALS, Figures
from tests.load.bench.suite import AROUND
from tests.load.generator.sample import MAX_GENERATOR_LAG_S, OK

MIN_SHOWN_CPU_S = 5e-6
_AROUND = (*AROUND, "generator")


def report_lines(figures: Figures, notes: Sequence[str]) -> Iterator[str]:
    """Yield the report's lines: paths, goals, CPU by process, what was seen besides."""
    yield from _table(
        ("path", "per s", "of echo", "p50 ms", "p99 ms", "suite CPU us/call", "lag p99/max ms"),
        [_path_row(figure) for figure in figures.values()],
    )
    yield ""
    yield from _table(
        ("goal", "of", "measured", "met", "where we want to be"),
        [
            (
                goal.text,
                goal.path,
                goal.measured(figures[goal.path]),
                _verdict(figures[goal.path], met=goal.met(figures[goal.path])),
                goal.wanted,
            )
            for goal in GOALS
            if goal.path in figures
        ],
    )
    yield ""
    yield "CPU by process, us for each call (purchases: for each finished one):"
    yield from _cpu_table(figures)
    yield ""
    for figure in figures.values():
        others = {text: count for text, count in figure.outcomes.items() if text != OK}
        if others:
            yield f"{figure.path}: {figure.outcomes[OK]} OK, then {others}"
        if figure.more:
            named = ", ".join(f"{name} {value:.4g}" for name, value in figure.more.items())
            yield f"{figure.path}: {named}"
    yield from notes
    void = [figure.path for figure in figures.values() if figure.void]
    if void:
        limit_ms = MAX_GENERATOR_LAG_S * 1_000
        yield f"VOID, the generator lagged by more than {limit_ms:.0f} ms: {', '.join(void)}"


def unmet_goals(figures: Figures) -> list[str]:
    """Name the goals that are not met, or whose figures are void."""
    return [
        f"{goal.path}: {goal.text}"
        for goal in GOALS
        if goal.path in figures and (figures[goal.path].void or not goal.met(figures[goal.path]))
    ]


def _verdict(figure: Figure, *, met: bool) -> str:
    if figure.void:
        return "VOID"
    return "met" if met else "NOT MET"


def _path_row(figure: Figure) -> tuple[str, ...]:
    lag = f"{figure.lag_p99_s * 1_000:.1f} / {figure.max_lag_s * 1_000:.1f}"
    return (
        figure.path + (" (VOID)" if figure.void else ""),
        f"{figure.per_s:,.1f}" if figure.per_s < 1_000 else f"{figure.per_s:,.0f}",
        f"{figure.of_echo:.1%}",
        f"{figure.p50_s * 1_000:.1f}",
        f"{figure.p99_s * 1_000:.1f}",
        f"{figure.suite_cpu_s * 1e6:,.0f}",
        lag if figure.max_lag_s else "",
    )


def _cpu_table(figures: Figures) -> Iterator[str]:
    parts = sorted({part for figure in figures.values() for part in figure.cpu_s})
    parts = [part for part in parts if part not in _AROUND] + [*_AROUND]
    rows = []
    for part in parts:
        spent = [figure.cpu_s.get(part, 0.0) for figure in figures.values()]
        if any(seconds >= MIN_SHOWN_CPU_S for seconds in spent):
            around = " (around)" if part in _AROUND else ""
            rows.append((part + around, *(f"{seconds * 1e6:,.0f}" for seconds in spent)))
    yield from _table(("process", *figures), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(line[at]) for line in (head, *rows)) for at in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    yield line(head)
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    for row in rows:
        yield line(row)
