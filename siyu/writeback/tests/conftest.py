"""A brand and the platform it lives on, in one process."""

from __future__ import annotations

import pytest

from siyu.writeback.tests.brand import Brand, make_brand


@pytest.fixture
def brand(run_time, clock) -> Brand:
    """See `make_brand`."""
    return make_brand(run_time, clock)
