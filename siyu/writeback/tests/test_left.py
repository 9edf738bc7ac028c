"""A customer who left stays gone, whether or not the platform's lists still name him.

What WeCom does then is unconfirmed (path/92130); the sandbox can do both.
"""

from __future__ import annotations

import pytest

from siyu.guides.actions import forget_identities
from siyu.guides.models import Known
from siyu.pool.models import Relation
from siyu.writeback.tests.brand import Brand

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[False, True], ids=["hides", "shows"])
def town(request, brand: Brand) -> Brand:
    brand.do("knobs", shows_left=request.param)
    return brand


def is_friend() -> bool:
    return Relation.objects.get().is_friend


def leave(brand: Brand, by: str = "customer") -> None:
    brand.do("delete_friend", **ids(brand), by=by)
    brand.clock.advance(minutes=1)


def ids(brand: Brand) -> dict[str, str]:
    who = brand.people["小王"]
    return {"external_userid": who["external_userid"], "userid": "mei"}


def night(brand: Brand) -> None:
    brand.clock.advance(hours=24)
    brand.pull()


def test_the_night_does_not_bring_back_who_left(town: Brand) -> None:
    town.pull()
    town.befriend("小王")
    town.clock.advance(hours=1)
    leave(town)
    town.hear()
    for _ in range(2):
        night(town)
        assert not is_friend()


def test_who_comes_back_is_a_friend_again(town: Brand) -> None:
    town.befriend("小王")
    town.clock.advance(hours=1)
    leave(town)
    town.hear()
    night(town)
    town.befriend("小王")
    assert is_friend()
    night(town)
    assert is_friend()


def test_who_comes_back_untold_is_a_friend_after_the_night(town: Brand) -> None:
    town.befriend("小王")
    town.clock.advance(hours=1)
    leave(town)
    town.hear()
    night(town)
    town.do("add_friend", userid="mei", unionid="u-小王", name="小王")
    town.world.outbox.clear()
    night(town)
    assert is_friend()


def test_a_late_word_of_an_older_end_ends_nothing(town: Brand) -> None:
    town.befriend("小王")
    town.clock.advance(hours=1)
    leave(town)
    late = town.world.outbox.pop()
    town.befriend("小王")
    town.world.outbox.append(late)
    town.hear()
    assert is_friend()
    night(town)
    assert is_friend()


def test_an_erased_person_leaves_no_mark(town: Brand) -> None:
    town.befriend("小王")
    leave(town)
    town.hear()
    assert Known.objects.exists()
    forget_identities([Relation.objects.get().identity_id])
    assert not Known.objects.exists()
