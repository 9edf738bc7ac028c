"""Whose groups somebody sees who does not see everything."""

from __future__ import annotations

from datetime import date

import pytest

from siyu.core.access import SYSTEM
from siyu.core.scope import staff_scope
from siyu.groups import counting, invitations, queries
from siyu.groups.codes import GroupCodeIn, create_code
from siyu.groups.models import OwnerDay
from siyu.groups.tests.stage import Corp, make_corp
from siyu.guides.tests import org
from siyu.kernel.errors import NotFound
from siyu.pool import actions as pool
from siyu.pool import belongings
from siyu.pool.queries import visible_customer_ids

DAY = date(2026, 11, 11)
OWNERS = ("mei", "lin", "zhou", "wen", "he")


@pytest.fixture
def corp(transactional_db, run_time, clock) -> Corp:
    """Everybody of the organisation owns one group, named after him."""
    belongings.register("groups_stay")
    found = make_corp(clock)
    org.build(clock.now())
    missing = [{"userid": who, "name": who} for who in OWNERS if who != "mei"]
    found.do("add_staff", staff=missing)
    for owner in OWNERS:
        found.do("create_group", owner=owner, name=owner, staff=[])
    found.settle()
    return found


def names(actor, corp) -> set[str]:
    return {group.name for group in queries.list_groups(actor, now=corp.clock.now()).items}


@pytest.mark.parametrize("scope", org.LOOKS)
def test_the_groups_of_a_scope_are_those_of_its_staff(corp, scope):
    actor, seen = org.LOOKS[scope], set(org.SEEN[scope].split())
    assert names(actor, corp) == seen
    assert queries.count_groups(actor) == len(seen)
    for group in queries.list_refs(SYSTEM):
        if group.owner in seen:
            assert queries.get_group(actor, group.id, now=corp.clock.now()).owner == group.owner
        else:
            with pytest.raises(NotFound):
                queries.get_group(actor, group.id, now=corp.clock.now())


def test_a_group_that_staff_of_the_scope_are_in_is_seen_too(corp):
    corp.do("create_group", owner="wen", name="两店", staff=["lin"])
    corp.settle()
    assert names(org.LOOKS["store"], corp) == {"mei", "lin", "两店"}
    assert "两店" not in names(org.LOOKS["self"], corp)


def test_the_same_userid_of_another_corp_owns_nothing_here(corp):
    stranger = type(org.LOOKS["self"])(
        "mei", org.LOOKS["self"].role, "mei", staff_account="wecom:other"
    )
    assert staff_scope(stranger) is not None
    assert names(stranger, corp) == set()


@pytest.mark.parametrize("scope", org.LOOKS)
def test_the_platform_s_counts_are_those_of_the_scope_s_staff(corp, scope):
    corp.do("create_group", owner="wen", name="两店", staff=["mei"])
    corp.settle()
    for owner in OWNERS:
        OwnerDay.objects.create(account=corp.account, owner=owner, day=DAY)
    told = {row.owner for row in counting.owner_days(org.LOOKS[scope], DAY, DAY)}
    assert told == set(org.SEEN[scope].split())


@pytest.mark.parametrize("scope", ["self", "store", "all"])
def test_a_manager_sees_the_to_dos_of_his_staff(corp, scope):
    for number, owner in enumerate(OWNERS):
        corp.do("add_friend", userid=owner, unionid=f"u{number}", name=f"客{number}")
    corp.settle()
    now = corp.clock.now()
    given = GroupCodeIn(name="门店群", groups=[queries.list_refs(SYSTEM)[0].id])
    code = create_code(SYSTEM, corp.account, given, now=now)
    tag = pool.ensure_tag(SYSTEM, "来源", "门店", now=now)
    people = set(visible_customer_ids(SYSTEM, range(1, 10_000)))
    pool.hang_tags([(tag, people, "test")], now=now)
    made = invitations.create_invitation(
        SYSTEM,
        name="邀请",
        code_id=code.id,
        way="todo",
        text="进群 {{ link }}",
        tag_id=tag,
        now=now,
    )
    staff = {row.staff for row in invitations.list_invitees(org.LOOKS[scope], made.id).items}
    assert staff == set(org.SEEN[scope].split())
