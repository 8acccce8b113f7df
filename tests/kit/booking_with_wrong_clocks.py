"""Booking whose processes are wrong about the time: RPC five minutes ahead, the others five behind.

`python -m tests.kit.booking_with_wrong_clocks rpc` runs `python -m services.booking rpc` so. Only our
own code and the library that judges tokens are misled; monotonic clocks and the C core of gRPC are
what they are, as they would be on a machine whose clock is wrong.
"""

import datetime as dt
import importlib
import pkgutil
import runpy
import sys
import time as real_time
from types import ModuleType
from typing import Any

import jwt.api_jwt

import services.booking
import services.common

SKEW_S = 300


def mislead(seconds: int) -> None:
    """Let every module of booking and of the chassis read a clock that is wrong by so much."""
    wrong_time = ModuleType("time")
    vars(wrong_time).update(vars(real_time))
    vars(wrong_time)["time"] = lambda: real_time.time() + seconds
    vars(wrong_time)["time_ns"] = lambda: real_time.time_ns() + seconds * 1_000_000_000
    wrong: dict[Any, Any] = {real_time: wrong_time, dt.datetime: _wrong_datetime(seconds)}
    for module in [*_ours(), jwt.api_jwt]:
        for name, value in list(vars(module).items()):
            if value is real_time or value is dt.datetime:
                setattr(module, name, wrong[value])


def _wrong_datetime(seconds: int) -> type:
    class Everybody(type(dt.datetime)):  # type: ignore[misc]
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, dt.datetime)

    class WrongDatetime(dt.datetime, metaclass=Everybody):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return dt.datetime.now(tz) + dt.timedelta(seconds=seconds)

    return WrongDatetime


def _ours() -> list[ModuleType]:
    names = [
        found.name
        for package in (services.common, services.booking)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.endswith("__main__") and ".migrations" not in found.name
    ]
    return [importlib.import_module(name) for name in names]


if __name__ == "__main__":
    mislead(SKEW_S if sys.argv[1:] == ["rpc"] else -SKEW_S)
    runpy.run_module("services.booking", run_name="__main__", alter_sys=True)
