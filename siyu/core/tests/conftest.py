from __future__ import annotations

from collections.abc import Iterator

import pytest

from siyu.core.access import Actor
from siyu.core.intake import worker
from siyu.core.intake.asgi import IntakeApp
from siyu.core.tests.intake_client import IntakeClient
from siyu.core.write_keys import create_write_key
from siyu.ports.facts import Fact


@pytest.fixture
def seen() -> Iterator[list[Fact]]:
    """Facts that went through the stages, in order."""
    found: list[Fact] = []
    worker.configure([lambda batch: found.extend(each.fact for each in batch.seen)])
    yield found
    worker.configure([])


@pytest.fixture
def shop(run_time, transactional_db, lin: Actor, clock) -> Iterator[IntakeClient]:
    """The intake with the write key of the source `shop`."""
    key = create_write_key(lin, "shop", "web", now=clock.now())
    app = IntakeApp()
    yield IntakeClient(app, key)
    app.close()


def drain() -> None:
    """Work the inbox off."""
    while worker.drain():
        pass
