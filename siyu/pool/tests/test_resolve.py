"""The first stage: facts become people."""

from __future__ import annotations

import pytest

from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.pool.models import Customer, Edge
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.queries import relations_of
from siyu.pool.tests.people import fact, feed, phone, unionid, who
from siyu.ports import facts

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


def test_friend_told_by_callback_and_by_pull_is_one_relation(clock):
    contact = Identity("wecom_external_userid", "ww1", "wm1")
    about = {"account": "wecom:ww1", "platform": "wecom", "staff": "mei"}
    feed(clock, fact(contact, at=1_000, name=facts.FRIEND_ADDED, **about))
    (pulled,) = feed(
        clock, fact(contact, unionid("o-one"), at=2_000, name=facts.FRIEND_SYNCED, **about)
    )
    assert [relation.is_friend for relation in relations_of([who(pulled)])[who(pulled)]] == [True]
    feed(clock, fact(contact, at=3_000, name=facts.FRIEND_LOST, **about))
    assert [relation.is_friend for relation in relations_of([who(pulled)])[who(pulled)]] == [False]
