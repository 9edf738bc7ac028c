"""The pull that is killed. `--careless` is the sabotage: the checkpoint moves before the facts
of its page are safe.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

from siyu.site.boot import boot, migrate

HOME = Path(os.environ["SIYU_HOME"])
ACCOUNT = "wecom:wwkill"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--careless", action="store_true")
    parser.add_argument("--drain", action="store_true")
    told = parser.parse_args()
    boot()
    migrate()
    prepare()
    if told.careless:
        forget_to_wait()
    print("ready", flush=True)
    started = time.monotonic()
    pull()
    took = time.monotonic() - started
    if told.drain:
        drain()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report = {"pull_seconds": round(took, 1), "peak_mib": peak}
    print(json.dumps({**report, "all_seconds": round(time.monotonic() - started, 1)}), flush=True)
    return 0


def prepare() -> None:
    from siyu.core.access import SYSTEM
    from siyu.core.accounts import active_accounts, create_account
    from siyu.core.runtime import runtime

    config = json.loads((HOME / "config.json").read_text("utf-8"))
    now = runtime().clock.now()
    if not active_accounts():
        create_account(
            SYSTEM, "wecom", config["account"], name="kill", base_url=config["base_url"], now=now
        )


def pull() -> None:
    """Carry on with the pull until it is done; the lease of a dead worker is waited for."""
    from siyu.core.runtime import runtime
    from siyu.guides import queries
    from siyu.guides.models import Sync
    from siyu.guides.syncing import start_first_syncs, work

    start_first_syncs(runtime().clock.now())
    Sync.objects.update(lease_until=0)
    number = Sync.objects.get().pk
    while queries.get_sync(number, now=runtime().clock.now()).state == "running":
        if not work(runtime().clock.now(), account=ACCOUNT):
            time.sleep(0.05)


def drain() -> None:
    from siyu.core.intake import worker as intake

    while intake.drain():
        pass


def forget_to_wait() -> None:
    """Facts of a page are handed on only when the next page was read."""
    from siyu.guides import contacts

    names = vars(contacts)
    safe = names["submit_facts"]
    waiting: list[object] = []

    def careless(facts):
        safe(waiting)
        waiting[:] = facts

    names["submit_facts"] = careless


if __name__ == "__main__":
    sys.exit(main())
