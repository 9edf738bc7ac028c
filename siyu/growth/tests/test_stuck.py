"""The self-check names codes, links and files that do not do what was planned."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.growth.duty import tell_due
from siyu.growth.links import read_due
from siyu.growth.stuck import list_stuck
from siyu.growth.tests.test_duty import NIGHT
from siyu.growth.tests.test_welcomes import PNG
from siyu.materials import actions as materials
from siyu.materials.jobs import renew_due
from siyu.materials.stuck import list_stuck as list_stuck_files
from siyu.ports.sandbox import Trouble

pytestmark = pytest.mark.django_db(transaction=True)


def stuck(town):
    return {check.name: check for check in list_stuck(town.account)}


def test_a_code_the_platform_was_not_told_of_is_named_until_it_is(town, make_code, clock):
    make_code(plan=NIGHT)
    assert stuck(town) == {}
    clock.advance(hours=10)
    town.door.troubles = [Trouble.BUSY]
    tell_due(clock.now())
    line = stuck(town)["live_codes"]
    assert "1 个活码" in line.detail
    assert "繁忙" in line.detail
    assert line.advice
    clock.advance(minutes=2)
    tell_due(clock.now())
    assert stuck(town) == {}


def test_a_broken_link_is_named(town, make_code):
    link = make_code(kind="link", name="信息流", welcome_text="您好")
    town.people("break_link", link_id=link.url.partition("/ca/")[2].partition("?")[0])
    town.hear()
    assert "异常" in stuck(town)["live_codes"].detail


def test_links_without_quota_are_named_until_more_is_bought(town, make_code, clock):
    make_code(kind="link", name="信息流", welcome_text="您好")
    town.people("buy_links", units=-1_000_000)
    read_due(clock.now())
    assert "用完" in stuck(town)["links"].detail
    town.people("buy_links", units=100)
    town.hear()
    clock.advance(hours=1)
    read_due(clock.now())
    assert stuck(town) == {}


def test_a_quota_that_cannot_be_read_is_named(town, make_code, clock):
    make_code(kind="link", name="信息流", welcome_text="您好")
    town.people("knobs", refuse=48002)
    read_due(clock.now())
    assert "wecom.permission" in stuck(town)["links"].detail


def test_a_file_that_is_not_taken_is_named_at_the_second_failure(town, make_code, clock):
    picture = materials.add_material(
        SYSTEM, kind="image", name="a.png", content=PNG, now=clock.now()
    )
    make_code(says={"text": "看图", "attachments": [{"kind": "image", "material": picture.id}]})
    for expected in (set(), {"materials"}):
        town.door.troubles = [Trouble.BUSY]
        renew_due(clock.now())
        clock.advance(hours=2)
        assert {check.name for check in list_stuck_files(town.account)} == expected
    renew_due(clock.now())
    assert list(list_stuck_files(town.account)) == []
