"""`kill -9` of the history's writer at every step: readable at once, nothing lost or doubled.

Failpoints before and after each commit, and seeded random moments (`SIYU_KILLS`, `SIYU_SEED`).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.faults.lake_worker import GONE, PEOPLE, PER_STEP, STEPS

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("SIYU_KILLS", "5"))
SEED = int(os.environ.get("SIYU_SEED", "2026"))
ROOT = Path(__file__).parents[2]
MOMENTS = (
    "lake.flush.files:2",
    "lake.flush.committed",
    "lake.flush.committed:9",
    "lake.compact.files",
    "lake.compact.committed",
    "lake.squash.files",
    "lake.squash.committed",
    "lake.erase.files",
    "lake.erase.committed",
    "lake.erase.vacuumed",
)


class Server:
    def __init__(self, home: Path) -> None:
        environment = {
            **os.environ,
            "SIYU_HOME": str(home),
            "SIYU_CLOCK_FILE": str(home / "clock"),
            "SIYU_DATABASE_URL": "",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.lake_worker"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, **command: Any) -> dict[str, Any]:
        self.tell(**command)
        return self.hear()

    def tell(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    home.mkdir(parents=True, exist_ok=True)
    server = Server(home)
    try:
        yield server
    finally:
        server.close()


def wrongs(seen: dict[str, Any]) -> list[str]:
    """What is lost, doubled or of the wrong customer in what a reader saw."""
    numbers = Counter(row[0] for row in seen["rows"])
    found = [f"doubled {number}" for number, count in numbers.items() if count > 1]
    committed = {step * PER_STEP + number for step in seen["steps"] for number in range(PER_STEP)}
    gone = {number for number in committed if number % PER_STEP % PEOPLE + 1 in GONE}
    missing = committed - set(numbers)
    found += [f"lost {number}" for number in missing - gone]
    if missing & gone and missing & gone != gone:
        found.append("half erased")
    has_moved = max(seen["steps"], default=0) > STEPS // 2
    for _, customer, identity in seen["rows"]:
        owner = 1 if identity == 20 and has_moved else identity // 10
        if customer != owner and not (identity == 20 and customer == 1):
            found.append(f"identity {identity} is said to be of {customer}")
    return found


def check_end(server: Server, home: Path) -> None:
    """Work through to the end undisturbed; then everything is there, and the erased nowhere."""
    assert server.ask(do="work")["ended"] == 0
    seen = server.ask(do="look")["answer"]
    assert wrongs(seen) == []
    assert seen["steps"] == list(range(STEPS))
    assert (seen["pending"], seen["erasing"]) == (0, 0)
    assert not any(row[2] // 10 in GONE for row in seen["rows"])
    assert_erased(home)


def assert_erased(home: Path) -> None:
    """No Parquet file of the folder, in the table or not, holds a word of the erased."""
    files = list((home / "lake" / "events").rglob("*.parquet"))
    data = [path for path in files if "_delta_log" not in path.parts]
    assert data
    for path in data:
        text = pq.ParquetFile(path).read(["properties"])["properties"].to_pylist()
        for who in GONE:
            assert not any(f"person-{who}-was" in value for value in text), path


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lake")


def test_a_death_at_any_step_leaves_a_readable_history(home):
    with serving(home / "steps") as server:
        for moment in MOMENTS:
            died = server.ask(do="work", failpoint=moment)
            assert died["ended"] == -9, (moment, died)
            seen = server.ask(do="look")
            assert seen["ended"] == 0
            assert wrongs(seen["answer"]) == [], moment
        check_end(server, home / "steps")


def test_deaths_at_random_moments_lose_and_double_nothing(home):
    chance = random.Random(SEED)
    kills = 0
    with serving(home / "random") as server:
        for _ in range(KILLS):
            died = server.ask(do="work", kill_after=chance.uniform(0.05, 2.5))
            kills += died["ended"] == -9
            assert wrongs(server.ask(do="look")["answer"]) == [], (SEED, kills)
        check_end(server, home / "random")
    assert kills


def test_the_check_notices_a_careless_writer(home):
    with serving(home / "careless") as server:
        died = server.ask(do="work", careless=True, failpoint="lake.flush.committed:2")
        assert died["ended"] == -9
        assert any("doubled" in wrong for wrong in wrongs(server.ask(do="look")["answer"]))


def test_another_process_does_not_write_while_one_does(home):
    place = home / "two"
    with serving(place) as one, serving(place) as other:
        one.ask(do="work", failpoint="lake.flush.files")
        one.tell(do="contend", **{"as": "holder", "seconds": 2})
        before = other.ask(do="look")["answer"]["pending"]
        assert before
        refused = [other.ask(do="contend", **{"as": "writer"})["answer"]["flushed"]]
        assert one.hear()["answer"] == {"held": True}
        freed = other.ask(do="contend", **{"as": "writer"})["answer"]
    assert refused == [False]
    assert freed == {"flushed": True}
