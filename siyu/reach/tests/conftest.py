from __future__ import annotations

from collections.abc import Iterator

import pytest

from siyu.kernel.clock import FakeClock
from siyu.reach.catalog import set_catalog
from siyu.reach.tests.cast import Stage


@pytest.fixture
def stage(clock: FakeClock, run_time: object) -> Iterator[Stage]:
    """Accounts, senders and customers, known to the room while the test runs."""
    del run_time
    stage = Stage(clock)
    set_catalog(stage.catalog())
    yield stage
    set_catalog(None)
