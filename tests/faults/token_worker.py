"""Many threads that call WeCom at once. `--alone` is the sabotage: everybody fetches for himself."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from siyu.site.boot import boot, migrate

HOME = Path(os.environ["SIYU_HOME"])
ACCOUNT = "wecom:wwkill"
THREADS = 30


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("calls", type=int, nargs="?", default=0)
    parser.add_argument("--alone", action="store_true")
    told = parser.parse_args()
    boot()
    if told.command == "prepare":
        prepare()
        return 0
    if told.command == "kept":
        print(json.dumps({"kept": kept()}), flush=True)
        return 0
    if told.alone:
        forget_the_lock()
    print(json.dumps({"failed": call(told.calls)}), flush=True)
    return 0


def prepare() -> None:
    """Tables, the account, and a token that is known to both processes."""
    migrate()
    from siyu.core.access import SYSTEM
    from siyu.core.accounts import connector, create_account
    from siyu.core.runtime import runtime

    config = json.loads((HOME / "config.json").read_text("utf-8"))
    now = runtime().clock.now()
    create_account(
        SYSTEM, "wecom", config["account"], name="R13", base_url=config["base_url"], now=now
    )
    contacts = connector(ACCOUNT).contacts
    assert contacts is not None
    contacts.list_staff()


def call(count: int) -> int:
    """Call from many threads at once, when told to go; how many calls failed."""
    from siyu.core.accounts import connector
    from siyu.kernel.errors import PlatformError

    contacts = connector(ACCOUNT).contacts
    assert contacts is not None
    start = threading.Barrier(THREADS)

    def work(_: int) -> int:
        start.wait()
        failed = 0
        for _ in range(count // THREADS):
            try:
                contacts.list_staff()
            except PlatformError:
                failed += 1
        return failed

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(work, range(THREADS)))


def kept() -> int:
    """Messages that wait in the inbox."""
    from siyu.core.intake import inbox_status

    return inbox_status().items


def forget_the_lock() -> None:
    """Every caller fetches a token of his own when his was called bad."""
    from siyu.core import accounts
    from siyu.core.tokens import DbTokenStore

    class Alone(DbTokenStore):
        def get(self, account, name, fetch, *, bad=None):
            return fetch().value

    vars(accounts)["DbTokenStore"] = Alone


if __name__ == "__main__":
    sys.exit(main())
