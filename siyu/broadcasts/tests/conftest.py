from __future__ import annotations

import pytest

from siyu.broadcasts.tests.town import Town
from siyu.lake.tests.mirroring import mirrored
from siyu.pool.lake_tables import TABLES


@pytest.fixture
def town(clock, run_time):
    town = Town(clock)
    yield town
    town.close()


@pytest.fixture
def pool_tables():
    """What segments read of the pool."""
    with mirrored(*TABLES):
        yield
