"""A real web process and a real worker for the tests: `python -m siyu.core.tests.process`.

The worker's only stage writes the message ids it sees into a table without any uniqueness, in
the transaction of the batch, so that lost and doubled facts both show.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import django
from django.conf import settings

from siyu.core.inbox import Entry, Inbox, Outcome
from siyu.core.pipeline import Batch

SABOTAGE = "SIYU_TEST_SABOTAGE"


class EagerInbox(Inbox):
    """The twin that lies: says "stored" at once and stores a little later."""

    def append(self, entries: list[Entry]) -> Future[list[Outcome]]:
        threading.Timer(0.1, super().append, [entries]).start()
        told: Future[list[Outcome]] = Future()
        told.set_result([Outcome(accepted=len(entry.keys)) for entry in entries])
        return told


def prepare() -> None:
    """Settings, Django and a runtime over `SIYU_HOME`."""
    from siyu.core.runtime import Runtime, set_runtime
    from siyu.kernel.clock import SystemClock
    from siyu.kernel.identity import Namespaces
    from siyu.ports.testing import ScriptedDoor

    os.environ["DJANGO_SETTINGS_MODULE"] = "siyu.site.settings"
    django.setup()
    home: Path = settings.ENVIRONMENT.home
    set_runtime(Runtime(home, SystemClock(), ScriptedDoor(), Namespaces()))


def migrate() -> str:
    """The tables of core and the sink; the secret of a write key named `shop`."""
    from django.core.management import call_command
    from django.db import connection

    from siyu.core.access import SYSTEM
    from siyu.core.write_keys import create_write_key
    from siyu.kernel.clock import SystemClock

    call_command("migrate", "core", skip_checks=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sink (name TEXT, message_id TEXT, identities TEXT)")
    return create_write_key(SYSTEM, "shop", "web", now=SystemClock().now())


def sink(batch: Batch) -> None:
    """The worker's stage."""
    from django.db import connection

    rows = [
        (each.fact.name, each.fact.message_id, " ".join(i.key for i in each.fact.identities))
        for each in batch.seen
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO sink VALUES (%s, %s, %s)", rows)


def work() -> None:
    from siyu.core.duties import Duty, Worker
    from siyu.core.intake import worker

    worker.configure([sink])
    duties = Worker([Duty("intake", 0.02, worker.drain, is_watchful=True)])
    duties.stop_on_signals()
    duties.run()


def serve(port: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "siyu.core.tests.process:make_app",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
    ).serve()


def make_app() -> object:
    """The application of the web process; lying when the environment says so."""
    prepare()
    from siyu.core.intake import open_inbox
    from siyu.core.intake.asgi import IntakeApp

    if os.environ.get(SABOTAGE):
        return IntakeApp(open_inbox=lambda: EagerInbox(open_inbox().store))
    return IntakeApp()


def main(arguments: list[str]) -> None:
    if arguments[0] == "web":
        serve(int(arguments[1]))
        return
    prepare()
    if arguments[0] == "migrate":
        sys.stdout.write(migrate())
    else:
        work()


if __name__ == "__main__":
    main(sys.argv[1:])
