"""How many a web process lets in, and how many requests it works on at once."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from typing import Any

import pytest

from siyu.site.crowds import CONNECTIONS, FEWEST, OWN_FILES, Seats

COUNT = "from siyu.site.crowds import open_for_many; print(open_for_many())"


@pytest.mark.parametrize(
    ("soft", "hard"), [(1_024, 1_024), (1_024, 4_096), (600, 600), (1_024, 20_000)]
)
def test_as_many_are_let_in_as_files_may_be_opened(soft: int, hard: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == max(FEWEST, min(CONNECTIONS, hard - OWN_FILES))


def test_requests_beyond_the_seats_wait_for_one() -> None:
    asyncio.run(_three_on_two_seats())


async def _three_on_two_seats() -> None:
    inside: list[int] = []
    doors = [asyncio.Event() for _ in range(3)]

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        inside.append(scope["number"])
        await doors[scope["number"]].wait()
        if scope["number"] == 0:
            raise ConnectionError

    async def nothing(_: Any = None) -> None:
        return None

    async def ask(number: int) -> None:
        await seats({"type": "http", "number": number}, nothing, nothing)

    seats = Seats(app, 2)
    asking = [asyncio.create_task(ask(number)) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == [0, 1]
    doors[0].set()
    with pytest.raises(ConnectionError):
        await asking[0]
    doors[2].set()
    await asking[2]
    assert inside == [0, 1, 2]
    doors[1].set()
    await asking[1]
