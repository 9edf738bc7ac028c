from __future__ import annotations

import pytest

from siyu.groups.tests.stage import Corp, make_corp
from siyu.pool import belongings


@pytest.fixture
def corp(transactional_db, run_time, clock) -> Corp:
    belongings.register("groups_stay")
    return make_corp(clock)


@pytest.fixture
def group(corp) -> str:
    """Mei's group, read."""
    chat = corp.do("create_group", owner="mei", name="福利群1", staff=["an"], notice="每晚上新")
    corp.settle()
    return str(chat["chat_id"])
