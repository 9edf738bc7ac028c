"""The first stage: facts become people."""

from __future__ import annotations

import pytest

from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.pool.models import Customer, Edge
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import fact, feed, phone, unionid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def test_wecom_shop_and_douyin_become_one_person(clock):
    at = to_ms(clock.now())
    external = Identity("wecom_external_userid", "ww1", "wm1")
    open_id = Identity("douyin_open_id", "ck", "o1")
    first, second, third = feed(
        clock,
        fact(
            external,
            unionid("u1"),
            at=at,
            name="friend_added",
            source="wecom:ww1",
            platform="wecom",
            account="wecom:ww1",
            staff="mei",
        ),
        fact(open_id, phone("+8613912345678"), at=at + 1, source="douyin:ck", platform="douyin"),
        fact(Identity("user_id", "", "42"), phone("+8613912345678"), unionid("u1"), at=at + 2),
    )
    assert first.customer_id == second.customer_id == third.customer_id
    customer = Customer.objects.get()
    assert customer.platforms == "douyin,web,wecom"
    assert (customer.first_platform, customer.owner_staff) == ("wecom", "mei")
    assert customer.is_reachable
    assert Edge.objects.filter(state="joined").count() == 4
    assert IdentityTable.objects.values("customer_id").distinct().count() == 1
