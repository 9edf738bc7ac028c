"""Live codes: made at the platform, attributing, tagging and greeting whom they bring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.models import AuditEntry
from siyu.core.pipeline import Batch, run_stages
from siyu.growth import actions, queries
from siyu.growth.models import CodeAdd
from siyu.growth.pictures import draw
from siyu.growth.types import LiveCodeView
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden, PlatformRefused, Refused
from siyu.kernel.identity import Identity
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.pool.sources import set_source_namer
from siyu.ports import facts
from siyu.ports.facts import Fact
from siyu.ports.http import HttpAnswer
from siyu.reach import actions as reach
from siyu.reach import queries as reach_queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
ACCOUNT = "wecom:ww1234567890abcdef"
STAGES = (pool.resolve, reach.hear, actions.hear)
ADD = "POST /cgi-bin/externalcontact/add_contact_way"
TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "t1", "expires_in": 7200}


@pytest.fixture
def account(clock, wire) -> str:
    wire.script("GET /cgi-bin/gettoken", [TOKEN], forever=True)
    made = {"errcode": 0, "errmsg": "ok", "config_id": "cfg1", "qr_code": "https://qr.example/1"}
    picture = HttpAnswer(200, {}, draw("https://work.weixin.qq.com/ca/1", "png", size=300))
    wire.script("GET /1", [picture], forever=True)
    wire.script(ADD, [made, made], forever=True)
    fields = {
        "corp_id": "ww1234567890abcdef",
        "agent_id": "1000002",
        "secret": "s",
        "token": "callbacktoken",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    }
    return create_account(SYSTEM, "wecom", fields, name="山茶记", now=clock.now())


@pytest.fixture
def code(account, clock) -> LiveCodeView:
    tag = pool.ensure_tag(SYSTEM, "来源", "门店", now=clock.now())
    return actions.create_live_code(
        SYSTEM,
        account=account,
        name="门店海报",
        channel="store_poster",
        staff=["mei", "lan"],
        tag_ids=[tag],
        welcome_text="你好, 欢迎来到山茶记",
        now=clock.now(),
    )


def friend(name: str, clock, number: int = 1, **more: Any) -> Fact:
    """A fact about the friendship of customer `number` with mei."""
    at = to_ms(clock.now())
    return Fact(
        name=name,
        at=at,
        received_at=at,
        source=ACCOUNT,
        message_id=f"{name}:{number}:{at}",
        platform="wecom",
        account=ACCOUNT,
        staff="mei",
        identities=(Identity("wecom_external_userid", "ww1234567890abcdef", f"wm{number}"),),
        **more,
    )


def added(code: LiveCodeView, clock, number: int = 1, welcome: str = "CODE1") -> Fact:
    return friend(
        facts.FRIEND_ADDED,
        clock,
        number,
        properties={"state": code.state},
        private={"welcome_code": welcome},
    )


def hear(clock, *batch: Fact) -> Batch:
    return run_stages(batch, STAGES, clock.now())


def test_code_is_made_at_the_platform_with_its_own_state(code, wire):
    sent = wire.sent(ADD)[0].json
    assert sent["user"] == ["mei", "lan"]
    assert sent["state"] == code.state
    assert 16 <= len(code.state) <= 30
    assert code.url == "https://work.weixin.qq.com/ca/1"
    assert AuditEntry.objects.filter(verb="create_live_code").count() == 1


def test_platform_refusal_keeps_nothing(account, wire, clock):
    wire.script(ADD, [{"errcode": 40098, "errmsg": "user not real-name verified"}])
    with pytest.raises(PlatformRefused):
        actions.create_live_code(
            SYSTEM, account=account, name="海报", staff=["mei"], now=clock.now()
        )
    assert queries.list_live_codes(SYSTEM, now=clock.now()) == []


def test_new_friend_is_attributed_tagged_and_greeted(code, clock):
    batch = hear(clock, added(code, clock))
    seen = queries.get_live_code(SYSTEM, code.id, now=clock.now())
    assert (seen.added, seen.added_today, seen.lost) == (1, 1, 0)
    customer = batch.seen[0].customer_id
    assert customer is not None
    profile = pool_queries.get_customer(SYSTEM, customer)
    assert [tag.name for tag in profile.row.tags] == ["门店"]
    touches = reach_queries.touches_of(customer)
    assert [(touch.campaign, touch.purpose) for touch in touches] == [("welcome", "service")]


def test_hearing_twice_changes_nothing(code, clock):
    fact = added(code, clock)
    customer = hear(clock, fact).seen[0].customer_id
    hear(clock, fact)
    assert CodeAdd.objects.count() == 1
    assert customer is not None
    assert len(reach_queries.touches_of(customer)) == 1


def test_who_comes_again_after_a_loss_is_added_once_more(code, clock):
    hear(clock, added(code, clock))
    clock.advance(days=1)
    hear(clock, friend(facts.FRIEND_LOST, clock))
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).lost == 1
    clock.advance(hours=1)
    hear(clock, added(code, clock, welcome="CODE2"))
    seen = queries.get_live_code(SYSTEM, code.id, now=clock.now())
    assert (seen.added, seen.added_today, seen.lost) == (2, 1, 1)


def test_loss_that_arrives_before_a_later_addition_does_not_end_it(code, clock):
    early = friend(facts.FRIEND_LOST, clock)
    clock.advance(hours=1)
    hear(clock, added(code, clock), early)
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).lost == 0


def test_pulled_relation_is_attributed_but_not_greeted(code, clock):
    fact = friend(facts.FRIEND_SYNCED, clock, properties={"state": code.state})
    customer = hear(clock, fact).seen[0].customer_id
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).added == 1
    assert customer is not None
    assert reach_queries.touches_of(customer) == []


def test_inactive_code_counts_without_tag_or_welcome(code, clock):
    actions.update_live_code(SYSTEM, code.id, is_active=False, now=clock.now())
    customer = hear(clock, added(code, clock)).seen[0].customer_id
    assert customer is not None
    assert pool_queries.get_customer(SYSTEM, customer).row.tags == []
    assert reach_queries.touches_of(customer) == []
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).added == 1


def test_foreign_state_is_nobodys(code, clock):
    hear(clock, friend(facts.FRIEND_ADDED, clock, properties={"state": "c" + "0" * 20}))
    assert CodeAdd.objects.count() == 0


@pytest.fixture
def named_sources() -> Iterator[None]:
    set_source_namer(lambda fact: queries.channel_of(fact) or fact.source)
    yield
    set_source_namer(lambda fact: fact.source)


@pytest.mark.usefixtures("named_sources")
def test_first_source_of_a_friend_is_the_codes_channel(code, clock):
    through, without = added(code, clock), friend(facts.FRIEND_ADDED, clock, number=2)
    people = [seen.customer_id for seen in hear(clock, through, without).seen]
    found = [pool_queries.get_customer(SYSTEM, one or 0).row.first_source for one in people]
    assert found == ["store_poster", ACCOUNT]


def test_staff_change_is_told_to_the_platform(code, wire, clock):
    wire.script(
        "POST /cgi-bin/externalcontact/update_contact_way", [{"errcode": 0, "errmsg": "ok"}]
    )
    changed = actions.update_live_code(SYSTEM, code.id, staff=["lan"], now=clock.now())
    assert changed.staff == ["lan"]
    assert wire.left() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"staff": []},
        {"staff": ["mei", "mei"]},
        {"tag_ids": [999]},
        {"welcome_text": "{{ name"},
    ],
)
def test_wrong_fields_are_refused_before_the_platform_is_called(account, wire, clock, wrong):
    fields = {"account": account, "name": "海报", "staff": ["mei"], **wrong}
    with pytest.raises(Refused):
        actions.create_live_code(SYSTEM, now=clock.now(), **fields)
    assert wire.count(ADD) == 0


def test_auditor_may_not_make_codes(account, wu, clock):
    with pytest.raises(Forbidden):
        actions.create_live_code(wu, account=account, name="海报", staff=["mei"], now=clock.now())
    with pytest.raises(Forbidden):
        queries.list_live_codes(wu, now=clock.now())


def test_today_begins_at_midnight_in_shanghai(code, clock):
    hear(clock, added(code, clock))
    clock.advance(days=1)
    hear(clock, added(code, clock, number=2, welcome="CODE2"))
    seen = queries.get_live_code(SYSTEM, code.id, now=clock.now() + timedelta(hours=1))
    assert (seen.added, seen.added_today) == (2, 1)
