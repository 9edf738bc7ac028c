"""Stores, scopes, owners, figures and the import of an organisation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM, Actor, Role, Scope
from siyu.core.accounts import create_account
from siyu.core.models import AuditEntry
from siyu.guides import behaviour, figures, org_actions, org_import, org_queries, owning
from siyu.guides.models import BehaviourDay, Post, Region, Staff, Store
from siyu.guides.scoping import visible_staff
from siyu.guides.tests import org
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.pool import ownership
from siyu.pool import queries as pool
from siyu.pool.actions import merge_customers, retract_edge
from siyu.pool.evidence import why
from siyu.pool.listing import FEW_STAFF
from siyu.pool.models import Ownership
from siyu.ports import facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def now(clock):
    org.build(clock.now())
    return clock.now()


@pytest.mark.parametrize("scope", list(org.LOOKS))
def test_each_scope_sees_its_staff_and_their_customers(now, scope):
    customers = {who: org.befriend(who, f"wm-{who}", now) for who in ("mei", "lin", "zhou", "wen")}
    actor = org.LOOKS[scope]
    seen = org.SEEN[scope].split()
    assert sorted(visible_staff(actor).values_list("staff", flat=True)) == sorted(seen)
    visible = pool.visible_customer_ids(actor, customers.values())
    assert visible == {row for who, row in customers.items() if who in seen}
    assert set(pool.visible_customers(actor).values_list("pk", flat=True)) == visible


def test_a_large_scope_sees_the_same_without_going_through_its_staff(now):
    customers = {who: org.befriend(who, f"wm-{who}", now) for who in ("mei", "wen")}
    actor = org.LOOKS["store"]
    post = Post.objects.get(staff__staff="mei", store__isnull=False)
    staff = Staff.objects.bulk_create(
        Staff(account=post.staff.account, staff=f"extra{number}", first_seen_at=now, seen_at=now)
        for number in range(FEW_STAFF)
    )
    Post.objects.bulk_create(
        Post(staff=one, store=post.store, role="guide", since=now) for one in staff
    )
    visible = pool.visible_customers(actor)
    assert set(visible.values_list("pk", flat=True)) == {customers["mei"]}
    assert "ownership_staff" not in visible.explain()


def test_a_region_below_another_moves_with_it(now):
    org_actions.save_region(SYSTEM, "sh", name="上海", parent="west", now=now)
    he = org.LOOKS["region"]
    assert sorted(visible_staff(he).values_list("staff", flat=True)) == ["he", "lin", "mei"]
    with pytest.raises(Refused) as error:
        org_actions.save_region(SYSTEM, "west", name="西部", parent="sh", now=now)
    assert error.value.code == "region.circle"


def test_only_those_who_may_change_the_organisation(now):
    for actor in (org.LOOKS["store"], org.LOOKS["self"], Actor("wu", Role.AUDITOR)):
        with pytest.raises(Forbidden):
            org_actions.save_store(actor, "s9", {"name": "新店"}, now=now)
    assert not Store.objects.filter(code="s9").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"lat": 91}, "lat"), ({"lng": "abc"}, "lng"), ({"nonsense": 1}, "nonsense"), ({}, "name")],
)
def test_a_store_that_cannot_be_is_refused(now, values, field):
    with pytest.raises(Refused) as error:
        org_actions.save_store(SYSTEM, "s9", values, now=now)
    assert error.value.field == field


# owners


def owner(customer):
    found = ownership.owners_of([customer]).get(customer)
    return (found.staff, found.reason) if found else None


def test_a_customer_belongs_to_whom_he_came_first(now):
    customer = org.befriend("mei", "wm1", now)
    org.befriend("zhou", "wm1", now + timedelta(days=200))
    assert owner(customer) == ("mei", "first")
    org.befriend("lin", "wm1", now - timedelta(days=3))
    assert owner(customer) == ("lin", "earlier"), "heard of later, but earlier"


@pytest.mark.parametrize(("days", "expected"), [(29, "mei"), (30, "zhou")])
def test_online_goes_first_when_the_rule_says_so_after_the_protection(now, days, expected):
    org_actions.save_store(SYSTEM, "s2", {"is_online": True}, now=now)
    owning.set_owner_rule(SYSTEM, owning.OwnerRule("online", 30), now=now)
    customer = org.befriend("mei", "wm1", now)
    org.befriend("zhou", "wm1", now + timedelta(days=days))
    assert owner(customer)[0] == expected


def test_who_loses_his_owner_goes_to_a_friend_who_stayed(now):
    customer = org.befriend("mei", "wm1", now)
    org.befriend("zhou", "wm1", now + timedelta(days=1))
    later = now + timedelta(days=2)
    org.take(org.fact(facts.FRIEND_LOST, "mei", "wm1", later), now=later)
    assert owner(customer) == ("zhou", "lost")


def test_without_a_decision_the_oldest_friend_is_shown(now):
    customer = org.befriend("mei", "wm1", now)
    org.befriend("lin", "wm1", now + timedelta(days=1))
    Ownership.objects.all().delete()
    everything = org.LOOKS["all"]
    shown = ownership.owner_of(everything, customer)
    assert shown is not None
    assert (shown.account, shown.staff, shown.reason, shown.since) == (
        org.CORP,
        "mei",
        "oldest",
        now,
    )
    later = now + timedelta(days=2)
    for staff in ("mei", "lin"):
        org.take(org.fact(facts.FRIEND_LOST, staff, "wm1", later), now=later)
    Ownership.objects.all().delete()
    assert ownership.owner_of(everything, customer) is None


def test_by_hand_with_a_reason_and_for_good(now):
    customer = org.befriend("mei", "wm1", now)
    lin = org.LOOKS["store"]
    with pytest.raises(Refused):
        ownership.assign_owner(lin, customer, (org.CORP, "lin"), note=" ", now=now)
    ownership.assign_owner(lin, customer, (org.CORP, "lin"), note="老客户由店长跟进", now=now)
    org.befriend("zhou", "wm1", now + timedelta(days=100))
    assert owner(customer) == ("lin", "manual")
    latest = ownership.list_owner_changes(lin, customer)[0]
    assert (latest.from_staff, latest.staff, latest.by) == ("mei", "lin", "lin")
    shown = ownership.owner_of(lin, customer)
    assert shown is not None
    assert (shown.staff, shown.reason, shown.since) == ("lin", "manual", now)
    assert AuditEntry.objects.filter(verb="assign_owner").count() == 1
    with pytest.raises(NotFound):
        ownership.assign_owner(lin, 10**9, (org.CORP, "lin"), note="没有这个人", now=now)


def test_owners_follow_a_merge_and_come_back(now, lin):
    first = org.befriend("mei", "wm1", now)
    other = org.befriend("zhou", "wm2", now + timedelta(days=1))
    merge_customers(lin, first, other, reason="同一人", now=now)
    assert owner(first) == ("mei", "first")
    edge = max(edge.id for edge in why(lin, first).edges)
    retract_edge(lin, edge, reason="不是同一人", now=now)
    assert {owner(first), owner(other)} == {("mei", "first"), ("zhou", "first")}


# figures


def test_guides_are_ranked_and_places_add_up(now):
    for number in range(3):
        org.befriend("mei", f"wm{number}", now)
    org.befriend("zhou", "wm9", now)
    org.take(org.fact(facts.FRIEND_LOST, "mei", "wm0", now + timedelta(hours=1)), now=now)
    BehaviourDay.objects.create(
        account=org.CORP, staff="mei", day=now.date(), chats=4, reply_percent=75.0
    )
    figures.set_order_counter(lambda _start, _end: {(org.CORP, "zhou"): (2, 1, 5_000)})
    figures.count_figures(now)
    ranked = org_queries.list_guide_figures(org.LOOKS["all"], days=7, sort="added")
    assert [(one.staff, one.figures.added, one.figures.lost) for one in ranked[:2]] == [
        ("mei", 3, 1),
        ("zhou", 1, 0),
    ]
    assert ranked[0].figures.customers == 2
    assert ranked[0].figures.replied_percent == 75.0
    assert ranked[1].figures.conversion == 1.0
    (east,) = [
        one
        for one in org_queries.list_region_figures(org.LOOKS["region"], days=7)
        if one.code == "east"
    ]
    assert (east.figures.added, east.figures.revenue_fen, east.staff) == (4, 5_000, 3)
    stores = org_queries.list_store_figures(org.LOOKS["store"], days=7)
    assert [one.code for one in stores] == ["s1"]


def test_places_are_added_up_by_the_database(now, django_assert_max_num_queries):
    org_actions.set_post(SYSTEM, (org.CORP, "mei"), "guide", store="s2", now=now)
    for number, staff in enumerate(("mei", "mei", "lin", "zhou")):
        org.befriend(staff, f"wm{number}", now)
    figures.count_figures(now)
    with django_assert_max_num_queries(5):
        stores = org_queries.list_store_figures(org.LOOKS["all"], days=7)
        regions = org_queries.list_region_figures(org.LOOKS["all"], days=7)
    assert {one.code: (one.staff, one.figures.added) for one in stores} == {
        "s1": (2, 3),
        "s2": (2, 3),
        "s3": (1, 0),
    }
    assert {one.code: (one.staff, one.figures.added) for one in regions} == {
        "east": (3, 4),
        "sh": (2, 3),
        "west": (1, 0),
    }


def test_figures_of_colleagues_out_of_sight_are_not_added(now):
    for number, staff in enumerate(("mei", "lin", "lin")):
        org.befriend(staff, f"wm{number}", now)
    figures.count_figures(now)
    own, nobody = (Actor(name, Role.MANAGER, name, Scope.SELF) for name in ("mei", "nobody"))
    (store,) = org_queries.list_store_figures(own, days=7)
    assert (store.code, store.staff, store.figures.added) == ("s1", 2, 1)
    assert org_queries.list_store_figures(nobody, days=7) == []
    assert org_queries.list_region_figures(nobody, days=7) == []


@pytest.mark.parametrize(("days", "sort"), [(8, "added"), (7, "password"), (7, "account")])
def test_only_known_periods_and_columns(now, days, sort):
    with pytest.raises(Refused):
        org_queries.list_guide_figures(org.LOOKS["all"], days=days, sort=sort)


def test_a_day_of_several_members_weighs_by_conversations(now):
    for staff, chats, percent in (("mei", 9, 100.0), ("zhou", 1, 0.0), ("lin", 0, None)):
        BehaviourDay.objects.create(
            account=org.CORP, staff=staff, day=now.date(), chats=chats, reply_percent=percent
        )
    (day,) = behaviour.list_days(org.LOOKS["region"], start=now.date(), end=now.date())
    assert (day.chats, day.reply_percent) == (10, 90.0)
    (own,) = behaviour.list_days(org.LOOKS["store"], start=now.date(), end=now.date())
    assert own.chats == 9
    with pytest.raises(NotFound):
        behaviour.list_days(
            org.LOOKS["store"], start=now.date(), end=now.date(), who=(org.CORP, "zhou")
        )


# import

FILE = """区域编码,区域名称,上级区域编码,门店编码,门店名称,城市,纬度,经度,成员ID,岗位
north,华北,,,,,,,he,区域经理
bj,北京,north,b1,国贸店,北京,39.908,116.46,mei,店长
bj,,,b1,,,,,wen,
bj,,,b2,三里屯店,北京,999,116.4,wen,导购
bj,,,b3,望京店,北京,,,x y,导购
bj,,,b1,,,,,wen,老板
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_organisation_from_a_file_once_and_again(clock, account, tmp_path, encoding):
    path = tmp_path / "org.csv"
    path.write_bytes(FILE.encode(encoding))
    now = clock.now()
    dry = org_import.import_org(SYSTEM, path, is_dry=True, now=now)
    assert (dry.regions, dry.stores, dry.posts, dry.failed) == (2, 1, 3, 3)
    assert not Region.objects.exists()
    done = org_import.import_org(SYSTEM, path, is_dry=False, now=now)
    assert (done.changed, done.failed) == (3, 3)
    assert [(one.row, one.field) for one in done.errors] == [(5, "lat"), (6, "staff"), (7, "role")]
    again = org_import.import_org(SYSTEM, path, is_dry=False, now=now)
    assert (again.changed, again.stores, again.posts) == (0, 0, 0)
    assert Post.objects.get(staff__staff="mei").role == "store_manager"


def test_errors_name_the_column_of_the_table(clock, account, tmp_path):
    path = tmp_path / "org.csv"
    path.write_text(
        "区域编码,区域名称,上级区域编码,门店编码,门店名称,平台账号,成员ID,岗位\n"
        f"坏 码,,,,,,,\nnorth,{'华' * 65},,,,,,\nbj,北京,nowhere,,,,,\n"
        ",,,坏 店,国贸店,,,\nwest,,,b1,,,,\n,,,b2,望京店,other:1,mei,\n,,,,,,mei,\n",
        "utf-8",
    )
    done = org_import.import_org(SYSTEM, path, is_dry=True, now=clock.now())
    assert [(one.row, one.field) for one in done.errors] == [
        (2, "region_code"),
        (3, "region_name"),
        (4, "parent_region_code"),
        (5, "store_code"),
        (6, "store_name"),
        (7, "account"),
        (8, "role"),
    ]


def test_only_accounts_with_staff_count_when_none_is_named(clock, account, tmp_path):
    fields = {"client_key": "aw1", "client_secret": "s", "open_id": "o", "refresh_token": "r"}
    create_account(SYSTEM, "douyin", fields, name="抖音", now=clock.now())
    path = tmp_path / "org.csv"
    path.write_text("门店编码,门店名称,成员ID\nb1,国贸店,mei\n", "utf-8")
    done = org_import.import_org(SYSTEM, path, is_dry=False, now=clock.now())
    assert done.errors == []
    assert Post.objects.get().staff.account == account


def test_a_file_of_something_else_is_refused(clock, account, tmp_path):
    path = tmp_path / "org.csv"
    path.write_text("姓名,电话\n张三,1\n", "utf-8")
    with pytest.raises(Refused) as error:
        org_import.import_org(SYSTEM, path, is_dry=True, now=clock.now())
    assert error.value.code == "org.columns"
