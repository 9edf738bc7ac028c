"""R10: callbacks that never came are made good by one nightly comparison.

A fifth of all callbacks is dropped, then a whole day of them; people add, leave, are tagged and
renamed meanwhile. The platform's own books judge. `SIYU_R10_CUSTOMERS` sets the size.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from siyu.guides.stuck import list_stuck
from siyu.pool.models import CustomerTag, Relation
from siyu.pool.models import Identity as IdentityRow
from siyu.writeback.models import Remark
from siyu.writeback.tests.brand import CORP, Brand

pytestmark = [pytest.mark.django_db(transaction=True)]
CUSTOMERS = int(os.environ.get("SIYU_R10_CUSTOMERS", "40"))
STAFF = ("mei", "lan")
TAGS = ("意向/高意向", "意向/随便看看", "渠道/海报")


def live(brand: Brand, chance: random.Random, numbers: range) -> None:
    """A day: friends are made, tags marked, phones noted, some leave."""
    for number in numbers:
        staff = chance.choice(STAFF)
        made = brand.do("add_friend", userid=staff, unionid=f"u{number}", name=f"客{number}")
        who = {"external_userid": made["external_userid"], "userid": staff}
        brand.clock.advance(seconds=20)
        if chance.random() < 0.7:
            brand.do("mark_tags", **who, add=[chance.choice(TAGS)])
        if chance.random() < 0.4:
            brand.do("set_remark_mobile", **who, mobile=f"139{number:08d}")
        if chance.random() < 0.3:
            brand.do("delete_friend", **who, by=chance.choice(["customer", "staff"]))
        brand.hear()


def books(brand: Brand) -> dict[tuple[str, str], Any]:
    """(staff, customer) → tags and phones, as the platform has it."""
    platform: Any = brand.world.sandboxes["wecom"]
    corp = platform._corps[CORP]
    names = corp.tag_names()
    return {
        (staff, customer): (sorted(names[tag][1] for tag in one.tag_ids), one.remark_mobiles)
        for staff, by in corp.relations.items()
        for customer, one in by.items()
        if one.is_friend
    }


def pool() -> dict[tuple[str, str], Any]:
    """The same as the pool has it."""
    values = {
        row.pk: row.value for row in IdentityRow.objects.filter(namespace="wecom_external_userid")
    }
    phones = {(row.staff, row.identity_id): row.mobiles for row in Remark.objects.all()}
    found = {}
    for one in Relation.objects.filter(is_friend=True):
        tags = CustomerTag.objects.filter(
            identity_id=one.identity_id, source=f"{one.account}/{one.staff}"
        )
        names = sorted(tags.values_list("tag__name", flat=True))
        place = (one.staff, values[one.identity_id])
        found[place] = (names, phones.get((one.staff, one.identity_id), []))
    return found


@pytest.fixture
def tagged(brand: Brand) -> Brand:
    for path in TAGS:
        group, _, name = path.partition("/")
        brand.do("make_tags", group=group, names=[name])
    brand.pull()
    return brand


def lose(brand: Brand, seed: int) -> None:
    """Two days of which much is never told."""
    chance, half = random.Random(seed), CUSTOMERS // 2
    brand.world.change_bad_days({"drop": 0.2})
    live(brand, chance, range(half))
    brand.world.change_bad_days({"drop": 1.0})
    live(brand, chance, range(half, CUSTOMERS))
    brand.world.change_bad_days({"drop": 0.0})
    brand.clock.advance(hours=12)


@pytest.mark.parametrize("seed", [1, 2])
def test_one_night_makes_everything_equal(tagged: Brand, seed: int) -> None:
    lose(tagged, seed)
    tagged.pull()
    assert pool() == books(tagged)


def test_lost_callbacks_are_told_by_the_self_check_until_none_is_lost(tagged: Brand) -> None:
    assert stuck(tagged) == []
    lose(tagged, 1)
    tagged.pull()
    assert stuck(tagged) == ["lost_callbacks"]
    tagged.clock.advance(hours=24)
    tagged.pull()
    assert stuck(tagged) == []


def stuck(brand: Brand) -> list[str]:
    return [line.name for line in list_stuck(f"wecom:{CORP}", brand.clock.now())]


def test_sabotage_without_the_night_much_is_missing(tagged: Brand) -> None:
    lose(tagged, 1)
    assert pool() != books(tagged)
