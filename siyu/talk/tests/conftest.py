"""A corp with a service desk, listened to by the stages that matter here."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.groups.tests.stage import make_corp
from siyu.pool import actions as pool
from siyu.pool import belongings
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher
from siyu.reach.silences import set_silences
from siyu.talk import actions, desk_pulling, desks
from siyu.talk.desk_hearing import hear_desks
from siyu.talk.desk_queries import silences_of

STAGES = (pool.resolve, actions.record_messages, reach.hear, hear_desks)


@pytest.fixture
def corp(transactional_db, run_time, clock):
    for table in ("talk_conversation", "talk_desksession", "reach_window", "reach_touch"):
        belongings.register(table)
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    set_silences(silences_of)
    yield make_corp(clock, STAGES)
    reach.set_dispatcher(None)
    set_silences(lambda _places: {})


@pytest.fixture
def desk(corp):
    made = corp.do("kf_open", name="山茶客服", staff=["mei"])["open_kfid"]
    desks.refresh_desks(SYSTEM, corp.account, now=corp.clock.now())
    corp.hear()
    while desk_pulling.work_on_desks():
        corp.drain()
    corp.drain()
    return made
