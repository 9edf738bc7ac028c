"""Welcome words: whose, when, with what, and what happens while the name is unknown."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.growth import actions
from siyu.growth.chores import work
from siyu.growth.welcome_rules import list_welcome_rules, save_welcome_rule
from siyu.growth.welcomes import gate, greet_due
from siyu.kernel.errors import Refused
from siyu.materials import actions as materials
from siyu.materials.jobs import renew_due
from siyu.materials.models import Media
from siyu.pool import actions as pool
from siyu.ports.facts import FRIEND_ADDED
from siyu.reach import actions as reach
from siyu.reach.gates import register_gate
from siyu.reach.types import SERVICE, WELCOME, TouchPlan

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def scan(town, code, number=1, name="小王"):
    return town.people("scan", state=code.state, unionid=f"oU{number}", name=name)


def texts(town):
    return [item["text"] for item in town.said()]


@pytest.fixture
def rules(town, clock):
    def save(scope, target, text, **says):
        return save_welcome_rule(
            SYSTEM,
            account=town.account,
            scope=scope,
            target=target,
            says={"text": text, **says},
            now=clock.now(),
        )

    save("company", "", "公司欢迎您")
    return save


def test_code_goes_before_staff_before_department_before_company(town, make_code, clock, rules):
    silent = make_code(staff=["mei"])
    spoken = make_code(staff=["mei"], name="有欢迎语", welcome_text="活码欢迎您")
    for number, (scope, target, text) in enumerate(
        [
            ("company", "", "公司欢迎您"),
            ("department", "1", "部门欢迎您"),
            ("staff", "mei", "我是小梅"),
        ]
    ):
        rules(scope, target, text)
        scan(town, silent, number)
        town.hear()
        assert texts(town)[-1] == text
    scan(town, spoken, 9)
    town.hear()
    assert texts(town)[-1] == "活码欢迎您"
    assert [rule.scope for rule in list_welcome_rules(SYSTEM)] == ["staff", "department", "company"]


def test_a_platform_without_welcomes_takes_no_words(town, clock):
    fields = {name: name for name in ("client_key", "client_secret", "open_id", "refresh_token")}
    account = create_account(SYSTEM, "douyin", fields, name="抖音号", now=clock.now())
    with pytest.raises(Refused) as error:
        save_welcome_rule(
            SYSTEM, account=account, scope="company", says={"text": "欢迎"}, now=clock.now()
        )
    assert (error.value.code, error.value.field) == ("welcome.account", "account")
    assert list_welcome_rules(SYSTEM) == []


def test_words_of_the_hour(town, make_code, clock):
    times = [{"start": 1200, "end": 480, "text": "夜深了, 明早回您"}]
    code = make_code(says={"text": "您好", "times": times})
    scan(town, code, 1)
    town.hear()
    assert texts(town) == ["您好"]
    clock.advance(hours=11)
    scan(town, code, 2)
    town.hear()
    assert texts(town) == ["您好", "夜深了, 明早回您"]


def test_a_welcome_with_the_name_waits_for_the_profile(town, make_code, clock):
    code = make_code(staff=["mei"], welcome_text="{{ name }}您好, 我是{{ staff_name }}")
    who = scan(town, code)["external_userid"]
    town.hear()
    assert texts(town) == []
    clock.advance(seconds=2)
    town.fetch(who)
    assert texts(town) == ["小王您好, 我是小梅"]


def test_a_journey_does_not_spend_the_welcome_that_waits_for_a_name(town, make_code, clock):
    register_gate("journey", gate)
    code = make_code(welcome_text="{{ name }}您好")
    who = scan(town, code)["external_userid"]
    plan_journey_welcome(town.hear(), clock)
    assert texts(town) == []
    town.fetch(who)
    assert texts(town) == ["小王您好"]


def test_a_journey_greets_where_no_words_are(town, make_code, clock):
    register_gate("journey", gate)
    scan(town, make_code())
    plan_journey_welcome(town.hear(), clock)
    assert texts(town) == ["旅程欢迎您"]


def plan_journey_welcome(batch, clock):
    seen = batch.named(FRIEND_ADDED)[0]
    plan = TouchPlan(
        campaign="journey:1",
        version=1,
        step="welcome",
        entry_key="once",
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
        channel=WELCOME,
        template="旅程欢迎您",
        purpose=SERVICE,
        due_at=clock.now(),
        expires_at=clock.now() + timedelta(minutes=5),
        is_urgent=True,
    )
    reach.plan_touches([plan], now=clock.now())


def test_a_name_that_does_not_come_in_time_is_left_out(town, make_code, clock):
    code = make_code(welcome_text="{{ name }}您好")
    scan(town, code)
    town.hear()
    clock.advance(seconds=8)
    greet_due(clock.now())
    assert texts(town) == ["朋友您好"]


def test_a_blocked_nickname_is_not_greeted(town, make_code, clock):
    code = make_code(welcome_text="您好", blocked_names=["广告"])
    for number, name in enumerate(("广告王", "小王")):
        who = scan(town, code, number, name)["external_userid"]
        town.hear()
        town.fetch(who)
    assert texts(town) == ["您好"]


def test_attachments_are_uploaded_carried_and_renewed(town, make_code, clock):
    picture = materials.add_material(
        SYSTEM, kind="image", name="海报.png", content=PNG, now=clock.now()
    )
    link = {"kind": "link", "title": "店铺", "url": "https://shop.example/"}
    says = {"text": "看图", "attachments": [{"kind": "image", "material": picture.id}, link]}
    code = make_code(says=says)
    renew_due(clock.now())
    scan(town, code, 1)
    town.hear()
    assert town.said()[-1]["attachments"] == ["image", "link"]
    first = Media.objects.get().media_id
    clock.advance(days=2, minutes=1)
    renew_due(clock.now())
    assert Media.objects.get().media_id != first
    clock.advance(days=1, hours=12)
    scan(town, code, 2)
    town.hear()
    assert town.said()[-1]["attachments"] == ["image", "link"]


def test_attachments_alone_are_a_welcome_at_any_level_and_hour(town, make_code, clock, rules):
    link = [{"kind": "link", "title": "新人礼", "url": "https://brand.example/gift"}]
    code = make_code(says={"text": "", "attachments": link})
    scan(town, code)
    town.hear()
    assert [(one["text"], one["attachments"]) for one in town.said()] == [("", ["link"])]
    save_welcome_rule(
        SYSTEM, account=town.account, scope="company", says={"attachments": link}, now=clock.now()
    )
    scan(town, make_code(name="没有欢迎语"), 2)
    town.hear()
    assert town.said()[-1]["attachments"] == ["link"]
    timed = {"start": 0, "end": 1440, "attachments": link}
    scan(town, make_code(name="时段", says={"text": "平时", "times": [timed]}), 3)
    town.hear()
    assert (town.said()[-1]["text"], town.said()[-1]["attachments"]) == ("", ["link"])
    with pytest.raises(Refused):
        make_code(says={"text": "平时", "times": [{"start": 0, "end": 60}]})
    with pytest.raises(Refused):
        save_welcome_rule(SYSTEM, account=town.account, scope="company", says={}, now=clock.now())


def test_a_file_that_is_not_ready_leaves_the_words(town, make_code, clock):
    picture = materials.add_material(
        SYSTEM, kind="image", name="a.png", content=PNG, now=clock.now()
    )
    code = make_code(
        says={"text": "看图", "attachments": [{"kind": "image", "material": picture.id}]}
    )
    scan(town, code)
    town.hear()
    assert [(one["text"], one["attachments"]) for one in town.said()] == [("看图", [])]


@pytest.mark.parametrize(
    "attachments",
    [
        [{"kind": "image", "material": 99}],
        [{"kind": "link", "title": "x"}],
        [{"kind": "link", "title": "x", "url": "javascript:alert(1)"}],
        [{"kind": "voice"}],
        [{"kind": "link", "title": "x", "url": "https://x.example/"}] * 10,
    ],
)
def test_broken_attachments_are_refused(town, make_code, attachments):
    with pytest.raises(Refused):
        make_code(says={"text": "x", "attachments": attachments})


def test_remark_and_tags_are_written_at_the_platform(town, make_code, clock):
    tag = pool.ensure_tag(SYSTEM, "渠道", "海报", now=clock.now())
    code = make_code(
        staff=["mei"], tag_ids=[tag], remark="{{ name }}-{{ channel }}", description="扫码来"
    )
    who = scan(town, code)["external_userid"]
    town.hear()
    town.fetch(who)
    clock.advance(seconds=3)
    work(clock.now())
    town.door.troubles = []
    relation = town.sandbox._corps[town.account.partition(":")[2]].relations["mei"][who]
    assert (relation.remark, relation.description) == ("小王-门店海报", "扫码来")
    assert len(relation.tag_ids) == 1
    assert not work(clock.now() + timedelta(days=1))


def test_tags_of_many_new_friends_are_looked_up_at_the_platform_once(town, make_code, clock):
    tag = pool.ensure_tag(SYSTEM, "渠道", "海报", now=clock.now())
    code = make_code(staff=["mei"], tag_ids=[tag])
    for number in range(5):
        scan(town, code, number)
    town.hear()
    clock.advance(seconds=3)
    corp = town.sandbox._corps[town.account.partition(":")[2]]
    before = Counter(corp.calls)
    work(clock.now())
    made = Counter(corp.calls) - before
    assert all(relation.tag_ids for relation in corp.relations["mei"].values())
    marks = {path: count for path, count in made.items() if "mark_tag" in str(path)}
    lists = {path: count for path, count in made.items() if "get_corp_tag_list" in str(path)}
    assert sum(marks.values()) == 5
    assert 0 < sum(lists.values()) <= 2


def test_an_inactive_code_greets_nobody_whatever_the_company_says(town, make_code, clock, rules):
    code = make_code()
    actions.update_live_code(SYSTEM, code.id, is_active=False, now=clock.now())
    scan(town, code)
    town.hear()
    assert texts(town) == []
