"""`kill -9` of a full pull at any moment: every customer arrives once, in few calls.

The sandbox's own books judge. `SIYU_SYNC_CUSTOMERS` sets the size (100,000 for the full run),
`SIYU_KILLS` how often it is killed, `SIYU_SEED` the seed.
"""

from __future__ import annotations

import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.witness import ACCOUNT, Witness, kill, write_json

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
CUSTOMERS = int(os.environ.get("SIYU_SYNC_CUSTOMERS", "2000"))
KILLS = int(os.environ.get("SIYU_KILLS", "3"))
SEED = int(os.environ.get("SIYU_SEED", "2026"))
BATCH = "/cgi-bin/externalcontact/batch/get_by_user"
FAILPOINTS = ("sync.read", "sync.saved")
STAFF_PER_CALL, PER_PAGE = 100, 100


@dataclass
class Pull:
    """One home and a corp of `customers` that lived before we came."""

    home: Path
    customers: int
    is_careless: bool = False
    witness: Witness = field(init=False)
    staff: int = field(init=False)
    departments: int = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir()
        self.witness = Witness(self.home, SEED)
        self.staff, self.departments = max(8, self.customers // 100), max(2, self.customers // 400)
        size = {"staff": self.staff, "departments": self.departments}
        self.witness.world.control("wecom", "populate", {"customers": self.customers, **size})
        base_url = f"http://127.0.0.1:{self.witness.port}/wecom"
        write_json(self.home / "config.json", {"account": ACCOUNT, "base_url": base_url})

    def kill_once(self, chance: random.Random) -> None:
        """Start it and kill it at a moment chance picks."""
        pages = max(2, self.customers // PER_PAGE // (KILLS + 1))
        moment = chance.choice([*FAILPOINTS, "before", "after", "time"])
        count = chance.randint(1, pages)
        worker = self.start(failpoint=f"{moment}:{count}" if moment in FAILPOINTS else "")
        self.witness.on_kill = partial(kill, worker.pid)
        if moment in {"before", "after"}:
            self.witness.arm(count, moment, (BATCH,))
        if moment == "time":
            time.sleep(chance.uniform(0.05, 1.0))
            kill(worker.pid)
        worker.communicate(timeout=900)
        self.witness.arm(0, "")

    def finish(self) -> dict[str, Any]:
        """Undisturbed to the end; what it took."""
        worker = self.start("--drain")
        assert worker.stdout is not None
        report, _ = worker.communicate(timeout=1500)
        assert worker.returncode == 0
        found: dict[str, Any] = json.loads(report.decode().splitlines()[-1])
        return found

    def start(self, *arguments: str, failpoint: str = "") -> subprocess.Popen[bytes]:
        outside = {key: value for key, value in os.environ.items() if not key.startswith("SIYU_")}
        careless = ["--careless"] if self.is_careless else []
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sync_worker", *arguments, *careless],
            env=outside
            | {
                "SIYU_HOME": str(self.home),
                "SIYU_CLOCK_FILE": str(self.home / "clock"),
                "SIYU_ALLOW_PRIVATE": f"127.0.0.1:{self.witness.port}",
                "SIYU_LOG_LEVEL": "error",
                "SIYU_FAILPOINT": failpoint,
            },
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        return worker

    def found(self) -> set[tuple[str, str]]:
        """(staff, customer) of the pool."""
        return set(
            self._rows(
                "SELECT r.staff, i.value FROM pool_relation r"
                " JOIN pool_identity i ON i.id = r.identity_id"
                " WHERE r.is_friend AND i.namespace = 'wecom_external_userid'"
            )
        )

    def counts(self) -> dict[str, int]:
        """Rows of what a customer must have exactly one of."""
        return {
            "customers": self._rows("SELECT COUNT(*) FROM pool_customer")[0][0],
            "relations": self._rows("SELECT COUNT(*) FROM pool_relation")[0][0],
            "unionids": self._rows(
                "SELECT COUNT(*) FROM pool_identity WHERE namespace = 'wx_unionid'"
            )[0][0],
        }

    def books(self) -> set[tuple[str, str]]:
        """(staff, customer) as the platform has it."""
        wecom: Any = self.witness.world.sandboxes["wecom"]
        corp = wecom._corps["wwkill"]
        return {(who, customer) for who, by in corp.relations.items() for customer in by}

    def _rows(self, sql: str) -> list[Any]:
        database = sqlite3.connect(self.home / "siyu.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


def most_calls(pull: Pull, kills: int) -> int:
    """Departments, staff lists, pages; a death repeats the lists of its source and one page."""
    chunks = math.ceil(pull.staff / STAFF_PER_CALL)
    pages = chunks + math.ceil(pull.customers / PER_PAGE)
    once = pages + pull.departments + 10
    return once + kills * 6


def test_a_killed_pull_loses_and_doubles_nobody(tmp_path: Path) -> None:
    chance, pull = random.Random(SEED), Pull(tmp_path / "home", CUSTOMERS)
    for _ in range(KILLS):
        pull.kill_once(chance)
    report = pull.finish()
    calls = pull.witness.counts()["calls"]
    print(json.dumps({"customers": CUSTOMERS, "kills": KILLS, "calls": calls, **report}))
    pull.witness.close()
    assert pull.found() == pull.books()
    assert pull.counts() == dict.fromkeys(("customers", "relations", "unionids"), CUSTOMERS)
    assert calls <= most_calls(pull, KILLS)


def test_sabotage_a_checkpoint_before_the_facts_loses_customers(tmp_path: Path) -> None:
    pull = Pull(tmp_path / "home", 600, is_careless=True)
    worker = pull.start()
    pull.witness.on_kill = partial(kill, worker.pid)
    pull.witness.arm(3, "before", (BATCH,))
    worker.communicate(timeout=60)
    pull.is_careless = False
    pull.finish()
    pull.witness.close()
    assert pull.found() < pull.books()
