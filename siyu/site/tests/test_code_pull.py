"""A pull notices codes made elsewhere, and ours that somebody deleted at the platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.growth import actions as growth
from siyu.growth import code_lists, duty
from siyu.growth import queries as codes
from siyu.growth.models import ForeignCode, LiveCode
from siyu.growth.neighbours import set_neighbours
from siyu.growth.types import Colleague
from siyu.guides import actions as guides
from siyu.guides import sources
from siyu.guides.models import Sync
from siyu.site.code_pull import CodePull
from siyu.writeback.tests.brand import ACCOUNT, Brand, make_brand

pytestmark = [pytest.mark.django_db(transaction=True)]
GET = "get_contact_way"


@pytest.fixture
def town(run_time, clock) -> Iterator[Brand]:
    before = dict(sources._sources)
    brand = make_brand(run_time, clock)
    sources.register(CodePull())
    yield brand
    sources._sources.clear()
    sources._sources.update(before)


def _code(town: Brand, name: str) -> int:
    row = growth.create_live_code(
        SYSTEM, account=ACCOUNT, name=name, channel="poster", staff=["mei"], now=town.clock.now()
    )
    return int(row.id)


def _calls(town: Brand, name: str) -> int:
    return sum(count for path, count in town.do("calls").items() if name in path)


def _foreign() -> list[str]:
    return [one.name for one in code_lists.list_foreign_codes(SYSTEM).items]


def _view(town: Brand, code: int) -> Any:
    return codes.get_live_code(SYSTEM, code, now=town.clock.now())


def test_codes_made_elsewhere_are_listed_once_and_ours_are_not(town):
    _code(town, "门店")
    made = town.do("make_way", userids=["lan"], remark="旧系统海报", state="old1")
    town.clock.advance(minutes=1)
    town.pull()
    (found,) = code_lists.list_foreign_codes(SYSTEM).items
    assert (found.name, found.state, found.staff) == ("旧系统海报", "old1", ["lan"])
    assert found.picture_url
    read = _calls(town, GET)
    town.clock.advance(days=1)
    town.pull()
    assert (_foreign(), _calls(town, GET)) == (["旧系统海报"], read)
    town.do("delete_way", config_id=made["config_id"])
    town.clock.advance(days=1)
    town.pull()
    assert _foreign() == []


def test_a_code_of_ours_that_somebody_deleted_says_so_and_is_told_nothing_more(town):
    kept, lost = _code(town, "在"), _code(town, "不在")
    town.clock.advance(minutes=1)
    town.pull()
    remote = LiveCode.objects.get(pk=lost).remote_id
    town.do("delete_way", config_id=remote)
    town.clock.advance(days=1)
    town.pull()
    assert (_view(town, kept).is_gone, _view(town, lost).is_gone) == (False, True)
    assert "没有这个码" in _view(town, lost).error
    duty.tell_due(town.clock.now())
    updates = _calls(town, "update_contact_way")
    LiveCode.objects.filter(pk=lost).update(recheck_at=town.clock.now(), told={})
    duty.tell_due(town.clock.now())
    assert _calls(town, "update_contact_way") == updates
    assert "没有这个码" in _view(town, lost).error


def test_a_long_list_goes_on_behind_the_last_page_when_the_platform_makes_it_wait(town):
    for number in range(230):
        town.do("make_way", userids=["lan"], remark=f"码{number}")
    town.clock.advance(minutes=1)
    town.do("knobs", per_minute=150)
    town.pull()
    assert ForeignCode.objects.count() == 100
    for _ in range(5):
        town.clock.advance(minutes=2)
        town.work()
    assert ForeignCode.objects.count() == 230
    assert Sync.objects.get().state == "done"
    first = code_lists.list_foreign_codes(SYSTEM, limit=200)
    rest = code_lists.list_foreign_codes(SYSTEM, first.next_cursor, limit=200)
    assert len({one.name for one in [*first.items, *rest.items]}) == 230
    assert 230 <= _calls(town, GET) < 330


def test_a_code_made_while_the_pull_runs_is_not_missed(town):
    guides.request_sync(SYSTEM, ACCOUNT, now=town.clock.now())
    town.clock.advance(seconds=5)
    code = _code(town, "刚建")
    town.work()
    assert not _view(town, code).is_gone
    assert _foreign() == []


def test_who_left_unheard_is_off_his_codes_after_a_pull(town):
    code = _code(town, "门店")
    other = growth.create_live_code(
        SYSTEM, account=ACCOUNT, name="别的", staff=["lan"], now=town.clock.now()
    )
    waiting = LiveCode.objects.get(pk=other.id).recheck_at
    set_neighbours(staff=lambda _account: {"mei": Colleague(is_active=False)})
    town.clock.advance(minutes=1)
    try:
        town.pull()
    finally:
        set_neighbours(staff=lambda _account: {})
    assert LiveCode.objects.get(pk=code).recheck_at <= town.clock.now()
    assert LiveCode.objects.get(pk=other.id).recheck_at == waiting
