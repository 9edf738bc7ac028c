from __future__ import annotations

import pytest

from siyu.broadcasts.tests.town import Town


@pytest.fixture
def town(clock, run_time):
    town = Town(clock)
    yield town
    town.close()
