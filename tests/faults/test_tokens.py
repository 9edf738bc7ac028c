"""R13: of many callers in two processes one refreshes an ended token; nobody's call fails.

The sandbox's own books count the tokens it gave out. `SIYU_R13_CALLS` sets the calls of each
process (500 for the full run).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.witness import ACCOUNT, Witness, write_json

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
CALLS = int(os.environ.get("SIYU_R13_CALLS", "60"))


@pytest.fixture
def witness(tmp_path: Path):
    made = Witness(tmp_path, 13)
    made.world.control("wecom", "add_staff", {"staff": [{"userid": "mei"}]})
    base_url = f"http://127.0.0.1:{made.port}/wecom"
    write_json(tmp_path / "config.json", {"account": ACCOUNT, "base_url": base_url})
    start(tmp_path, made, "prepare").communicate(timeout=60)
    yield made
    made.close()


def start(home: Path, witness: Witness, *arguments: str) -> subprocess.Popen[bytes]:
    outside = {key: value for key, value in os.environ.items() if not key.startswith("SIYU_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.token_worker", *arguments],
        env=outside
        | {
            "SIYU_HOME": str(home),
            "SIYU_CLOCK_FILE": str(home / "clock"),
            "SIYU_ALLOW_PRIVATE": f"127.0.0.1:{witness.port}",
            "SIYU_LOG_LEVEL": "error",
        },
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def race(home: Path, witness: Witness, *options: str, end_token: bool) -> tuple[int, int]:
    """Two processes call at once with a token that just ended; (tokens given out, failures)."""
    workers = [start(home, witness, "call", str(CALLS), *options) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
    before = witness.counts()["tokens"]
    if end_token:
        witness.world.control("wecom", "expire_token", {})
    failed = 0
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        failed += json.loads(out)["failed"]
    return witness.counts()["tokens"] - before, failed


def test_an_early_invalidated_token_is_refreshed_once(tmp_path: Path, witness: Witness) -> None:
    assert race(tmp_path, witness, end_token=True) == (1, 0)


def test_sabotage_without_the_lock_tokens_are_fetched_again_and_again(
    tmp_path: Path, witness: Witness
) -> None:
    race(tmp_path, witness, "--alone", end_token=True)
    assert witness.world.control("wecom", "calls", {})["gettoken"] > 10
