"""Remarks come from the platform, are written to it, and tell what became of them."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import actions as pool
from siyu.writeback import actions, queries
from siyu.writeback.models import Remark
from siyu.writeback.tests.brand import ACCOUNT, CORP
from siyu.writeback.types import RemarkDraft

pytestmark = [pytest.mark.django_db(transaction=True)]


def write(brand, name: str, staff: str = "mei", **fields: Any) -> None:
    actions.write_remark(
        SYSTEM,
        brand.customer(name),
        ACCOUNT,
        staff,
        RemarkDraft(**fields),
        now=brand.clock.now(),
    )


def there(brand, name: str):
    corp = brand.world.sandboxes["wecom"]._corps[CORP]
    return corp.relations["mei"][brand.people[name]["external_userid"]]


def test_a_remark_is_written_and_shown_at_once(brand):
    who = brand.befriend("小王")
    write(brand, "小王", remark="王姐", description="爱喝红茶", mobiles=["13912345678"])
    (view,) = queries.list_remarks(SYSTEM, who)
    assert (view.remark, view.state) == ("王姐", "waiting")
    brand.write()
    relation = there(brand, "小王")
    assert (relation.remark, relation.description) == ("王姐", "爱喝红茶")
    assert relation.remark_mobiles == ["13912345678"]
    (view,) = queries.list_remarks(SYSTEM, who)
    assert (view.remark, view.state, view.mobiles) == ("王姐", "", ["139****5678"])


def test_a_company_is_kept_when_the_platform_is_read_again(brand):
    who = brand.befriend("小王")
    write(brand, "小王", company="山茶贸易")
    brand.write()
    assert there(brand, "小王").remark_company == "山茶贸易"
    brand.clock.advance(hours=24)
    brand.pull()
    (view,) = queries.list_remarks(SYSTEM, who)
    assert view.company == "山茶贸易"


def test_of_two_ids_at_one_guide_the_one_that_is_meant_is_written(brand):
    who, other = brand.befriend("小王"), brand.befriend("小王的小号")
    pool.merge_customers(SYSTEM, who, other, reason="同一个人的两个号", now=brand.clock.now())
    views = queries.list_remarks(SYSTEM, who)
    assert len({(view.staff, view.identity_id) for view in views}) == 2
    for view, called in zip(views, ("甲", "乙"), strict=True):
        write(brand, "小王", remark=called, identity_id=view.identity_id)
    brand.write()
    after = {view.identity_id: view.remark for view in queries.list_remarks(SYSTEM, who)}
    assert after == {views[0].identity_id: "甲", views[1].identity_id: "乙"}
    assert {there(brand, name).remark for name in ("小王", "小王的小号")} == {"甲", "乙"}


def test_a_remark_typed_in_the_client_comes_in(brand):
    who = brand.befriend("小王")
    external = brand.people["小王"]["external_userid"]
    brand.do("set_remark_mobile", external_userid=external, userid="mei", mobile="13900000000")
    brand.clock.advance(seconds=2)
    brand.hear()
    (view,) = queries.list_remarks(SYSTEM, who)
    assert view.mobiles == ["139****0000"]


def test_a_refused_remark_says_why(brand):
    who = brand.befriend("小王")
    write(brand, "小王", remark="王姐")
    there(brand, "小王").is_friend = False
    brand.write()
    (view,) = queries.list_remarks(SYSTEM, who)
    assert view.state == "refused"
    assert "84061" in view.reason


def test_too_long_nothing_and_strangers_are_refused(brand):
    brand.befriend("小王")
    with pytest.raises(Refused):
        write(brand, "小王", remark="长" * 21)
    with pytest.raises(Refused):
        write(brand, "小王")
    with pytest.raises(NotFound):
        write(brand, "小王", staff="lan", remark="王姐")


def test_erasure_forgets_remarks(brand):
    brand.befriend("小王")
    write(brand, "小王", remark="王姐")
    row = Remark.objects.get()
    actions.forget_identities([row.identity_id])
    assert not Remark.objects.exists()
