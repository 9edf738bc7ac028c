"""Acquisition links: made like codes, with details, quota and who spoke."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.core.pipeline import run_stages
from siyu.growth import actions, figures, queries
from siyu.growth.duty import tell_due
from siyu.growth.links import read_due
from siyu.growth.models import CodeAdd, LinkDay, LiveCode
from siyu.kernel.clock import SHANGHAI, to_ms
from siyu.ports import facts
from siyu.ports.facts import Fact

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link(make_code):
    return make_code(kind="link", name="信息流", welcome_text="您好")


def test_a_link_brings_a_customer_who_is_counted_and_greeted(town, link, clock):
    assert link.url.startswith("https://work.weixin.qq.com/ca/")
    town.people("open_link", url=f"{link.url}.shelf7", unionid="oU1", name="客")
    town.hear()
    row = CodeAdd.objects.get()
    assert (row.code_id, row.detail) == (link.id, "shelf7")
    assert [item["text"] for item in town.said()] == ["您好"]


def test_who_spoke_is_known_by_event_and_by_pull(town, link, clock):
    for number in (1, 2):
        done = town.people("open_link", url=link.url, unionid=f"oU{number}", name="客")
        town.hear()
        clock.advance(minutes=1)
        town.people("speak", external_userid=done["external_userid"], userid=done["userid"])
        if number == 1:
            town.hear()
            assert queries.get_live_code(SYSTEM, link.id, now=clock.now()).spoke == 1
    town.world.sent.clear()
    read_due(clock.now())
    assert queries.get_live_code(SYSTEM, link.id, now=clock.now()).spoke == 2


def test_quota_and_clicks_are_read_and_a_warning_is_kept(town, link, clock):
    town.people("buy_links", units=-981)
    done = town.people("open_link", url=link.url, unionid="oU1", name="客")
    town.hear()
    town.people("speak", external_userid=done["external_userid"], userid=done["userid"])
    read_due(clock.now())
    (quota,) = queries.list_link_quotas(SYSTEM)
    assert (quota.balance, quota.total) == (18, 1)
    assert LinkDay.objects.get().clicks == 1
    assert not read_due(clock.now())
    town.people("buy_links", units=-18)
    town.people("buy_links", units=50)
    town.hear()
    assert queries.list_link_quotas(SYSTEM)[0].notice == ""
    day = clock.now().astimezone(SHANGHAI).date()
    asked = figures.Asked(codes=(link.id,), first=day, last=day)
    (figure,) = figures.code_figures(SYSTEM, asked, now=clock.now())
    assert (figure.clicks, figure.added) == (1, 1)


def test_a_broken_link_is_shown(town, link, clock):
    town.people("break_link", link_id=link.url.partition("/ca/")[2].partition("?")[0])
    town.hear()
    clock.advance(days=1)
    tell_due(clock.now())
    assert "异常" in queries.get_live_code(SYSTEM, link.id, now=clock.now()).error
    town.people("open_link", url=link.url, unionid="oU1", name="客")
    town.hear()
    assert queries.get_live_code(SYSTEM, link.id, now=clock.now()).error == ""


def test_a_link_deleted_at_the_platform_says_so_and_is_told_nothing_more(town, link, clock):
    at = to_ms(clock.now())
    fact = Fact(
        name=facts.ACQUISITION_CHANGED,
        at=at,
        received_at=at,
        source=town.account,
        message_id="d1",
        platform="wecom",
        account=town.account,
        properties={"change": "delete_link", "remote_id": LiveCode.objects.get().remote_id},
    )
    run_stages([fact], (actions.hear,), clock.now())
    seen = queries.get_live_code(SYSTEM, link.id, now=clock.now())
    assert (seen.is_gone, "删除" in seen.error) == (True, True)
    before = town.door.count
    clock.advance(days=1)
    assert not tell_due(clock.now())
    assert town.door.count == before


def test_a_link_that_is_listed_no_more_is_gone_and_the_others_are_read(town, link, clock):
    gone = actions.create_live_code(
        SYSTEM, account=town.account, kind="link", name="短信", staff=["mei"], now=clock.now()
    )
    links = town.sandbox._corps[town.account.partition(":")[2]].links
    remote_id = LiveCode.objects.get(pk=gone.id).remote_id
    kept = links.pop(remote_id)
    town.people("open_link", url=link.url, unionid="oU1", name="客")
    town.hear()
    clock.advance(minutes=11)
    assert read_due(clock.now())
    assert queries.get_live_code(SYSTEM, gone.id, now=clock.now()).is_gone
    assert not queries.get_live_code(SYSTEM, link.id, now=clock.now()).is_gone
    assert LinkDay.objects.get(code=link.id).clicks == 1
    assert queries.list_link_quotas(SYSTEM)[0].notice == ""
    links[remote_id] = kept
    clock.advance(minutes=31)
    assert read_due(clock.now())
    assert not queries.get_live_code(SYSTEM, gone.id, now=clock.now()).is_gone


def test_who_spoke_to_one_of_two_guides_spoke_to_that_one(town, make_code, clock):
    link = make_code(kind="link", name="信息流", staff=["mei"])
    done = town.people("open_link", url=link.url, unionid="oU1", name="客")
    actions.update_live_code(SYSTEM, link.id, staff=["lin"], now=clock.now())
    town.people("open_link", url=link.url, unionid="oU1", name="客")
    town.hear()
    assert CodeAdd.objects.count() == 2
    clock.advance(minutes=1)
    town.people("speak", external_userid=done["external_userid"], userid="mei")
    town.hear()
    spoke = CodeAdd.objects.filter(spoke_at__isnull=False).values_list("staff", flat=True)
    assert list(spoke) == ["mei"]


def test_figures_tell_what_became_of_them(town, make_code, clock):
    code = make_code(staff=["mei"])
    for number in range(3):
        town.people("scan", state=code.state, unionid=f"oU{number}", name="客")
    town.hear()
    clock.advance(days=3)
    lost = CodeAdd.objects.order_by("id").first()
    assert lost is not None
    CodeAdd.objects.filter(pk=lost.pk).update(lost_at=clock.now())
    clock.advance(days=5)
    first = (clock.now() - timedelta(days=8)).astimezone(SHANGHAI).date()
    asked = figures.Asked(codes=(code.id,), first=first, last=first + timedelta(days=8))
    days = figures.code_figures(SYSTEM, asked, now=clock.now())
    assert len(days) == 9
    head = days[0]
    assert (head.added, head.kept_1, head.due_1, head.kept_7, head.due_7, head.due_30) == (
        3,
        3,
        3,
        2,
        3,
        0,
    )
    total = figures.total_of(days)
    assert (total.added, total.lost, total.net) == (3, 1, 2)
    by = figures.Asked(codes=(), first=first, last=first, by="staff")
    (mei,) = figures.code_figures(SYSTEM, by, now=clock.now())
    assert (mei.key, mei.name, mei.added) == ("mei", "小梅", 3)
    by = figures.Asked(codes=(), first=first, last=first, by="code")
    (one,) = figures.code_figures(SYSTEM, by, now=clock.now())
    assert (one.key, one.name) == (str(code.id), "门店海报")
    for staff, added in (("mei", 3), ("lin", 0)):
        by = figures.Asked(codes=(), first=first, last=first, staff=staff)
        (day,) = figures.code_figures(SYSTEM, by, now=clock.now())
        assert day.added == added
