"""The first goals of the architecture, and where we want to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.load.bench.figures import Figure

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Goal:
    """`met` judges the medians; `measured` says what it looked at."""

    path: str
    text: str
    met: Callable[[Figure], bool]
    measured: Callable[[Figure], str]
    wanted: str


def _of_echo(share: float) -> Callable[[Figure], bool]:
    return lambda figure: figure.of_echo >= share


def _percent(figure: Figure) -> str:
    return f"{figure.of_echo:.0%} of the echo"


def _ms(seconds: float) -> str:
    return f"{seconds * 1_000:.0f} ms"


GOALS = (
    Goal("GetSeatMap", ">= 40 % of the echo", _of_echo(0.40), _percent, "75 %"),
    Goal("HoldSeats across", ">= 30 % of the echo", _of_echo(0.30), _percent, "55 %"),
    Goal(
        "HoldSeats one screening",
        "200 new buyers/s: every seat once, p99 < 250 ms",
        lambda f: not f.more["seats left"] and not f.more["undecided"] and f.p99_s < 0.250,
        lambda f: f"{f.more['seats sold once']:.0f} seats once, p99 {_ms(f.p99_s)}",
        "1,000 decisions/s",
    ),
    Goal(
        "HoldSeats 1,000 at once",
        "all decided within 5 s",
        lambda f: not f.more["undecided"] and f.more["all decided"] <= 5.0,
        lambda f: f"all decided in {f.more['all decided']:.2f} s, {f.per_s:.0f}/s",
        "1,000 decisions/s",
    ),
    Goal("PlaceOrder alone", ">= 20 % of the echo", _of_echo(0.20), _percent, "45 %"),
    Goal(
        "purchases",
        ">= 60/s",
        lambda f: f.per_s >= 60.0,
        lambda f: f"{f.per_s:.1f}/s",
        "300/s",
    ),
    Goal(
        "purchases",
        "<= 15 ms of suite CPU each",
        lambda f: f.suite_cpu_s <= 0.015,
        lambda f: f"{f.suite_cpu_s * 1_000:.1f} ms",
        "5 ms",
    ),
    Goal(
        "purchases",
        "PaymentConfirmed to tickets: p99 < 250 ms",
        lambda f: f.more["to tickets p99"] < 0.250,
        lambda f: f"p50 {_ms(f.more['to tickets p50'])}, p99 {_ms(f.more['to tickets p99'])}",
        "p99 < 50 ms",
    ),
    Goal(
        "twice the load",
        "goodput >= 80 % of the peak",
        lambda f: f.more["of peak"] >= 0.80,
        lambda f: f"{f.more['of peak']:.0%} of the peak",
        "95 %",
    ),
    Goal(
        "twice the load",
        "refusals are UNAVAILABLE with a retry hint",
        lambda f: not f.more["not refused clearly"],
        lambda f: f"{f.more['refused']:.0f} refused, {f.more['not refused clearly']:.0f} otherwise",
        "",
    ),
    # With half a year of a national chain (`tests/load/programme_load.py`).
    Goal(
        "300,000 screenings",
        "loaded within 5 minutes",
        lambda f: f.more["seconds"] < 300.0,
        lambda f: f"{f.more['screenings']:,.0f} in {f.more['seconds']:.0f} s",
        "2 minutes",
    ),
    Goal("ListScreenings", ">= 30 % of the echo", _of_echo(0.30), _percent, "55 %"),
    Goal(
        "ListScreenings at half",
        "p99 < 50 ms",
        lambda f: f.p99_s < 0.050,
        lambda f: f"p99 {_ms(f.p99_s)} at {f.per_s:.0f}/s",
        "p99 < 20 ms",
    ),
)
