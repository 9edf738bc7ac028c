"""The list of guides keeps to the scope of who asks."""

from __future__ import annotations

import pytest

from siyu.guides import queries
from siyu.guides.tests import org
from siyu.kernel.errors import Forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.mark.parametrize("scope", ["store", "region", "all"])
def test_a_manager_sees_the_guides_of_his_places_only(account, clock, scope):
    org.build(clock.now())
    found = queries.list_guides(org.LOOKS[scope], now=clock.now())
    assert {one.staff for one in found} == set(org.SEEN[scope].split())


def test_a_guide_sees_no_list(account, clock):
    org.build(clock.now())
    with pytest.raises(Forbidden):
        queries.list_guides(org.LOOKS["self"], now=clock.now())
