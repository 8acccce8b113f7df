import asyncio
from pathlib import Path

import pytest

from deploy.local.child import MAX_LOG_BYTES, Command, rotate
from deploy.local.errors import PartFailedError, StackError
from deploy.local.part import Part, RunningPart
from deploy.local.supervision import Patience, Supervision

NO_TIME = Patience(first_restart_seconds=0.001, max_restart_seconds=0.002, max_deaths=3)


async def serves() -> bool:
    return True


async def never_serves() -> bool:
    return False


def shell(script: str) -> Command:
    return Command(["sh", "-c", script])


async def test_a_part_that_dies_again_and_again_is_given_up_with_its_last_lines(
    tmp_path: Path,
) -> None:
    part = Part("weak", command=lambda: shell("sleep 0.05; echo no seats; exit 3"), ready=serves)
    running = RunningPart(part, tmp_path)
    given_up: asyncio.Future[StackError] = asyncio.get_running_loop().create_future()
    said: list[str] = []
    supervision = Supervision(
        running,
        say=said.append,
        failed=given_up.set_result,
        changed=lambda: None,
        patience=NO_TIME,
    )

    await running.start()
    supervision.watch()
    async with asyncio.timeout(20):
        error = await given_up
    await supervision.stop()

    assert "no seats" in str(error)
    assert "4 times" in str(error)
    assert sum("starting it again" in line for line in said) == NO_TIME.max_deaths


async def test_a_part_that_ends_before_it_serves_is_named_with_its_exit_code(
    tmp_path: Path,
) -> None:
    part = Part("weak", command=lambda: shell("echo no seats; exit 3"), ready=never_serves)
    running = RunningPart(part, tmp_path)
    await running.start()

    with pytest.raises(PartFailedError, match=r"weak ended with code 3.*\n.*no seats"):
        await running.wait_ready()


async def test_a_part_that_never_serves_is_not_waited_for_without_end(tmp_path: Path) -> None:
    part = Part(
        "slow", command=lambda: shell("sleep 60"), ready=never_serves, start_timeout_seconds=0.2
    )
    running = RunningPart(part, tmp_path)
    await running.start()

    with pytest.raises(PartFailedError, match=r"not ready after 0\.2 s"):
        await running.wait_ready()
    await running.kill()


async def test_a_part_that_ignores_the_wish_to_stop_is_killed(tmp_path: Path) -> None:
    part = Part(
        "deaf",
        command=lambda: shell("trap '' TERM; echo deaf; while :; do sleep 1; done"),
        ready=serves,
        stop_timeout_seconds=0.1,
    )
    running = RunningPart(part, tmp_path)
    await running.start()
    async with asyncio.timeout(20):
        while "deaf" not in running.log_tail():  # noqa: ASYNC110 - a log tells nobody.
            await asyncio.sleep(0.01)

    await running.stop()

    assert not running.running


def test_a_log_past_its_limit_is_put_aside_at_a_start(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_bytes(b"x" * (MAX_LOG_BYTES + 1))

    rotate(log)

    assert not log.exists()
    assert (tmp_path / "part.log.1").stat().st_size == MAX_LOG_BYTES + 1
