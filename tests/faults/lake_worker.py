"""The writer of the history that is killed: buffers, flushes, compacts, squashes, erases.

`serve` reads one JSON command a line and runs each in a forked child, so that a death costs a
fork and not a start. The parent never touches the history. `careless` is the sabotage: its flush
commits without saying up to which id it has come.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from types import SimpleNamespace
from typing import Any

from siyu.site.boot import boot, migrate

STEPS = 12
PER_STEP = 150
PEOPLE = 20
GONE = (3, 11)


def main() -> None:
    boot()
    migrate()
    from django.db import connections

    connections.close_all()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(carry_out(json.loads(line))), flush=True)


def carry_out(command: dict[str, Any]) -> dict[str, Any]:
    """Run a command in a child; its answer and how it ended (negative: by that signal)."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _run_child(command, writer)
    os.close(writer)
    if after := command.get("kill_after"):
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader) as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    return {"ended": os.waitstatus_to_exitcode(status), "answer": json.loads(text or "null")}


def _run_child(command: dict[str, Any], writer: int) -> None:
    code = 1
    try:
        os.environ["SIYU_FAILPOINT"] = command.get("failpoint", "")
        importlib.reload(importlib.import_module("siyu.core.failpoints"))
        answer = {"work": work, "look": look, "contend": contend}[command["do"]](command)
        os.write(writer, json.dumps(answer).encode())
        code = 0
    finally:
        os._exit(code)


def work(command: dict[str, Any]) -> int:
    """Every step that was not yet committed, each followed by flush and compaction, then erase."""
    from siyu.lake import actions

    flush = careless_flush if command.get("careless") else actions.flush
    done = 0
    for step in range(STEPS):
        done += _buffer(step)
        _advance(seconds=60)
        while flush():
            pass
        if step == STEPS // 2:
            _move()
        if step % 4 == 3:
            _compact()
    _advance(hours=25)
    _compact()
    actions.erase([who * 10 for who in GONE])
    _compact()
    return done


def _compact() -> None:
    from siyu.lake import actions

    while actions.compact():
        pass


def _buffer(step: int) -> int:
    """One step's events, exactly once: the same transaction notes that it was done."""
    from django.db import transaction

    from siyu.core.pipeline import Batch
    from siyu.core.runtime import runtime
    from siyu.lake import actions
    from siyu.lake.models import WriterState

    now = runtime().clock.now()
    with transaction.atomic():
        if WriterState.objects.filter(name=f"step {step}").exists():
            return 0
        WriterState.objects.create(name=f"step {step}", value="done")
        actions.buffer(Batch([_seen(step, number) for number in range(PER_STEP)], now))
    return 1


def _seen(step: int, number: int) -> Any:
    from siyu.core.pipeline import Seen
    from siyu.ports.facts import Fact

    who = number % PEOPLE + 1
    at = 1_790_000_000_000 + (step * PER_STEP + number) * 3_600_000
    fact = Fact(
        name="page_viewed",
        at=at,
        received_at=at,
        source="shop",
        message_id=f"{step}-{number}",
        platform="web",
        properties={"who": f"person-{who}-was-here", "n": step * PER_STEP + number},
    )
    return Seen(fact, who, who * 10)


def _move() -> None:
    from siyu.core.runtime import runtime
    from siyu.lake import actions

    moves = [SimpleNamespace(identity_id=20, to_customer=1)]
    actions.on_customers_moved(moves, runtime().clock.now())


def _advance(**delta: float) -> None:
    from datetime import timedelta

    from siyu.core.runtime import runtime
    from siyu.kernel.clock import SharedClock

    clock = runtime().clock
    assert isinstance(clock, SharedClock)
    clock.set(clock.now() + timedelta(**delta))


def careless_flush() -> bool:
    """Commits under a new name each time: a death before the rows are forgotten doubles them."""
    from siyu.core.failpoints import failpoint
    from siyu.kernel.ids import new_id
    from siyu.lake import actions, delta
    from siyu.lake.parquet import write_events
    from siyu.lake.state import open_snapshot
    from siyu.lake.tables import PENDING, PENDING_SQL

    with open_snapshot() as snapshot:
        rows = snapshot.read(f"{PENDING_SQL} ORDER BY event_id", PENDING)
    if not rows.num_rows:
        return False
    delta.commit_added(delta.writable_events(), write_events(rows), new_id(), 1)
    failpoint("lake.flush.committed")
    actions.forget(rows["event_id"][-1].as_py())
    return True


def look(command: dict[str, Any]) -> dict[str, Any]:
    """What a reader sees now: each event's number and customer; the steps that are committed."""
    from siyu.lake.models import Erasure, PendingEvent, WriterState
    from siyu.lake.session import open_session

    with open_session() as session:
        sql = "SELECT CAST(properties->>'n' AS INTEGER), customer_id, identity_id FROM events"
        rows = session.execute(sql).fetchall()
    steps = WriterState.objects.filter(name__startswith="step ").values_list("name", flat=True)
    return {
        "rows": rows,
        "steps": sorted(int(name.split()[1]) for name in steps),
        "pending": PendingEvent.objects.count(),
        "erasing": Erasure.objects.count(),
    }


def contend(command: dict[str, Any]) -> dict[str, Any]:
    """Hold the writer's lock for a while, or try to write meanwhile."""
    from siyu.lake import actions
    from siyu.lake.bulk import LOCK
    from siyu.lake.locks import exclusive

    if command["as"] == "holder":
        with exclusive(LOCK) as is_mine:
            time.sleep(command["seconds"])
            return {"held": is_mine}
    _advance(seconds=60)
    return {"flushed": actions.flush()}


if __name__ == "__main__":
    main()
