"""`kill -9` of the worker while a journey sends: nobody hears anything twice, nobody is lost.

Seeded moments: four failpoints around the intent and the result, the platform killing its caller
before or after it did what was asked, and plain random times. The sandbox's own books judge.
`SIYU_KILLS` sets the number of kills, `SIYU_SEED` the seed.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.witness import ACCOUNT, MASS_SEND, Witness, kill, write_json

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("SIYU_KILLS", "5"))
SEED = int(os.environ.get("SIYU_SEED", "2026"))
CUSTOMERS = 40
STAFF = 8
THREADS, AT_ONCE = 4, 4
"""Calls that can be in doubt at one death: of the worker's threads, between two commits."""
ROOT = Path(__file__).parents[2]
FAILPOINTS = (
    "reach.before_intent",
    "reach.after_intent",
    "reach.before_result",
    "reach.after_result",
)
END_STATES = {"delivered", "failed", "suppressed", "expired", "unknown"}


@dataclass
class Run:
    """One home, one platform, and a worker that dies again and again."""

    home: Path
    steps: int
    chance: random.Random
    witness: Witness = field(init=False)
    is_blind: bool = False
    kills: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.witness = Witness(self.home, self.chance.randrange(2**31))
        config = {
            "account": ACCOUNT,
            "base_url": f"http://127.0.0.1:{self.witness.port}/wecom",
            "journey": make_journey(self.steps),
        }
        write_json(self.home / "config.json", config)
        write_json(self.home / "callbacks.json", self.witness.befriend(CUSTOMERS, STAFF))
        subprocess.run(self._command("prepare"), env=self._environment(), cwd=ROOT, check=True)

    def kill_once(self) -> None:
        """Start a worker and kill it at a moment chance picks."""
        moment = self.chance.choice([*FAILPOINTS, "before", "after", "time"])
        count = self.chance.randint(1, 6)
        self.kills.append(f"{moment}:{count}")
        extra = {"SIYU_FAILPOINT": f"{moment}:{count}"} if moment in FAILPOINTS else {}
        worker = self._start(extra)
        self.witness.on_kill = partial(kill, worker.pid)
        if moment in {"before", "after"}:
            self.witness.arm(count, moment)
        if moment == "time":
            time.sleep(self.chance.uniform(0.1, 1.5))
            kill(worker.pid)
        try:
            worker.wait(15)
        except subprocess.TimeoutExpired:
            kill(worker.pid)
            worker.wait()
        self.witness.arm(0, "")

    def finish(self) -> None:
        """Let an undisturbed worker end everything; staff confirm; two days pass."""
        self._run_until("idle")
        self.witness.confirm()
        self.witness.clock.set(self.witness.clock.now() + timedelta(hours=1))
        self._run_until("done")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self.home / "siyu.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def _run_until(self, until: str) -> None:
        worker = self._start({}, "--until", until)
        assert worker.wait(180) == 0

    def _start(self, extra: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
        blind = ["--blind"] if self.is_blind else []
        worker = subprocess.Popen(
            self._command("run", *arguments, *blind),
            env=self._environment() | extra,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        worker.stdout.close()
        return worker

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tests.faults.send_worker", *arguments]

    def _environment(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("SIYU_")}
        return outside | {
            "SIYU_HOME": str(self.home),
            "SIYU_CLOCK_FILE": str(self.home / "clock"),
            "SIYU_ALLOW_PRIVATE": f"127.0.0.1:{self.witness.port}",
            "SIYU_LOG_LEVEL": "error",
        }


def make_journey(steps: int) -> dict[str, Any]:
    """A greeting, then one message a second."""
    nodes: list[dict[str, Any]] = [
        {"id": "welcome", "kind": "welcome", "template": "欢迎", "next": "wait1"}
    ]
    for number in range(1, steps + 1):
        following = f"wait{number + 1}" if number < steps else "done"
        nodes += [
            {"id": f"wait{number}", "kind": "wait", "seconds": 1, "next": f"send{number}"},
            {
                "id": f"send{number}",
                "kind": "send",
                "template": f"第 {number} 封",
                "purpose": "service",
                "next": following,
            },
        ]
    nodes.append({"id": "done", "kind": "exit"})
    return {
        "version": 1,
        "trigger": {"kind": "event", "name": "friend_added"},
        "start": "welcome",
        "nodes": nodes,
    }


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path


def test_killed_worker_never_says_anything_twice_and_forgets_nobody(run_dir):
    run = Run(run_dir, min(28, KILLS + 3), random.Random(SEED))
    try:
        for _ in range(KILLS):
            run.kill_once()
        run.finish()
        counts, delivered = run.witness.counts(), run.witness.delivered()
    finally:
        run.witness.close()
    told = f"seed {SEED}, kills {run.kills}"
    assert counts["duplicates"] == counts["duplicate_tasks"] == 0, told
    assert max(Counter((m["external_userid"], m["text"]) for m in delivered).values()) == 1, told

    states = dict(run.rows("SELECT state, COUNT(*) FROM reach_touch GROUP BY state"))
    assert set(states) <= END_STATES, f"{states} {told}"
    assert sum(states.values()) == CUSTOMERS * (run.steps + 1), f"{states} {told}"
    proven = run.rows("SELECT address, text FROM reach_touch WHERE state = 'delivered'")
    heard = {(message["external_userid"], message["text"]) for message in delivered}
    assert set(proven) <= heard, told
    unsure = run.rows("SELECT address, text FROM reach_touch WHERE state = 'unknown'")
    assert heard <= set(proven) | set(unsure), told
    assert len(unsure) <= KILLS * THREADS * AT_ONCE, f"{states} {told}"


def test_killed_worker_walks_everybody_the_undisturbed_way(run_dir):
    run = Run(run_dir, 4, random.Random(SEED + 1))
    try:
        for _ in range(min(KILLS, 4)):
            run.kill_once()
        run.finish()
    finally:
        run.witness.close()
    straight = [node["id"] for node in make_journey(4)["nodes"]]
    paths: dict[int, list[str]] = {}
    for entry_id, node in run.rows("SELECT entry_id, node FROM journeys_step ORDER BY id"):
        paths.setdefault(entry_id, []).append(node)
    assert len(paths) == CUSTOMERS
    assert all(path == straight for path in paths.values()), f"{SEED} {run.kills}"
    ended = run.rows("SELECT DISTINCT state, exit_reason FROM journeys_entry")
    assert ended == [("exited", "completed")]


def test_blind_retry_would_be_caught(run_dir):
    """The sabotage: with reconciling switched off, the witness sees duplicates."""
    run = Run(run_dir, 3, random.Random(SEED + 2), is_blind=True)
    try:
        for _ in range(2):
            worker = run._start({})
            run.witness.on_kill = partial(kill, worker.pid)
            run.witness.arm(3, "after", (MASS_SEND,))
            worker.wait(30)
            run.witness.arm(0, "")
        run.finish()
        counts = run.witness.counts()
    finally:
        run.witness.close()
    assert counts["duplicates"] + counts["duplicate_tasks"] > 0
