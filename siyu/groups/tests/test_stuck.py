"""The self-check names group codes and groups that cannot be kept."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.groups import codes
from siyu.groups.codes import GroupCodeIn
from siyu.groups.stuck import list_stuck
from siyu.groups.tests.test_codes import ids, tend

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_that_cannot_be_kept_is_named_until_it_can(corp, group):
    given = GroupCodeIn(name="门店群", groups=ids(corp, group))
    codes.create_code(SYSTEM, corp.account, given, now=corp.clock.now())
    tend(corp)
    assert list(list_stuck(corp.account)) == []
    corp.do("knobs", refuse=48002)
    tend(corp)
    (line,) = [one for one in list_stuck(corp.account) if one.name == "group_codes"]
    assert "客户联系" in line.detail
    assert line.advice
    corp.do("knobs", refuse=0)
    tend(corp)
    assert [one.name for one in list_stuck(corp.account)] == []
