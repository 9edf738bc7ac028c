"""The worker that is killed: real duties of journeys and reach over a home of its own.

`prepare`: tables, a WeCom account, one published journey, and the friends whose callbacks wait
in `callbacks.json`. `run`: the duties, until killed; with `--until-idle` it ends by itself when
nothing more can happen before time goes on, with `--until-done` when every touch is at its end.
`--blind` is the sabotage: what may have been sent is simply sent again.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siyu.site.boot import boot, migrate

HOME = Path(os.environ["SIYU_HOME"])
ACCOUNT = "wecom:wwkill"


def prepare() -> None:
    boot()
    migrate()
    from siyu.core.access import SYSTEM
    from siyu.core.accounts import create_account
    from siyu.core.runtime import runtime
    from siyu.journeys.actions import create_journey, publish_journey
    from siyu.reach.actions import update_policy
    from siyu.reach.types import Policy

    config = json.loads((HOME / "config.json").read_text("utf-8"))
    now = runtime().clock.now()
    create_account(
        SYSTEM, "wecom", config["account"], name="kill", base_url=config["base_url"], now=now
    )
    update_policy(SYSTEM, Policy(quiet_start=0, quiet_end=0, cap_count=100), now=now)
    journey_id = create_journey(SYSTEM, "kill", config["journey"], now=now)
    publish_journey(SYSTEM, journey_id, now=now)
    feed()


def feed() -> None:
    """The callbacks of the sandbox, verified, read and put through the stages."""
    from django.db import transaction

    from siyu.core.accounts import connector
    from siyu.core.pipeline import run_stages
    from siyu.core.runtime import runtime
    from siyu.journeys import actions as journeys
    from siyu.pool import actions as pool
    from siyu.ports.capabilities import CallbackRequest
    from siyu.reach import actions as reach

    now = runtime().clock.now()
    webhook = connector(ACCOUNT).webhook
    facts = []
    for call in json.loads((HOME / "callbacks.json").read_text("utf-8")):
        body = base64.b64decode(call["body"])
        request = CallbackRequest("POST", call["query"], call["headers"], body)
        verified = webhook.verify(request, now)
        assert verified.body is not None
        facts += webhook.read(verified.body, now, verified.message_id)
    with transaction.atomic():
        run_stages(facts, (pool.resolve, reach.hear, pool.advance_stages, journeys.hear), now)


def run(*, until: str, is_blind: bool) -> None:
    boot()
    from siyu.core.duties import Duty, Worker
    from siyu.core.runtime import runtime
    from siyu.journeys import actions as journeys
    from siyu.reach import actions as reach
    from siyu.reach.catalog import catalog
    from siyu.reach.dispatch import Dispatcher, Timing
    from tests.faults.blind import BlindCatalog

    found = catalog()
    if is_blind:
        found = BlindCatalog(found.accounts, found.manifests, found.connector)
    timing = Timing(lease=2.0, stale=1.5, settle=0.3)
    reach.set_dispatcher(Dispatcher(found, runtime().clock, threads=4, timing=timing))
    worker = Worker(
        [
            Duty("journeys.tick", 0.05, journeys.tick, is_watchful=True),
            Duty("reach.dispatch", 0.05, reach.dispatch, is_watchful=True),
            Duty("reach.poll", 0.2, reach.poll, is_watchful=True),
            Duty("reach.reconcile", 0.1, reach.reconcile, is_watchful=True),
        ]
    )
    print("ready", flush=True)
    if until:
        threading.Thread(target=_stop_when, args=(worker, until), daemon=True).start()
    worker.run()


def _stop_when(worker: Any, until: str) -> None:
    import time

    from django.db import connection

    quiet = 0
    while quiet < 3:
        time.sleep(0.2)
        quiet = 0 if _left(until) else quiet + 1
    connection.close()
    worker.stop()


def _left(until: str) -> Mapping[str, int]:
    """What still has to happen."""
    from siyu.journeys.models import Entry
    from siyu.reach.models import Attempt, Touch

    moving = ["planned", "deferred", "reserved", "handed"]
    states = moving if until == "idle" else [*moving, "accepted"]
    counts = {
        "entries": Entry.objects.filter(state="active").count(),
        "touches": Touch.objects.filter(state__in=states).count(),
        "attempts": Attempt.objects.filter(outcome="").count(),
        "unsettled": Attempt.objects.filter(settle_at__isnull=False).count(),
    }
    return {name: count for name, count in counts.items() if count}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["prepare", "run"])
    parser.add_argument("--until", default="", choices=["", "idle", "done"])
    parser.add_argument("--blind", action="store_true")
    arguments = parser.parse_args()
    if arguments.what == "prepare":
        prepare()
    else:
        run(until=arguments.until, is_blind=arguments.blind)


if __name__ == "__main__":
    main()
