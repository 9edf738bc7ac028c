"""The sandbox keeps the platform's rules: windows, counts, permissions, quotas, tokens."""

from __future__ import annotations

import msgspec
import pytest

from siyu.kernel.errors import PlatformRefused, Reauth, WaitUntil
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.capabilities import Content, Outgoing
from siyu.ports.menus import MenuButton
from siyu.ports.sandbox import WireRequest
from siyu.wechat.testing import outgoing

CARD = "template: TPL-NEW\nthing1: 明前龙井"


def fan(sandbox, unionid="oU1", **more):
    return sandbox.control("follow", {"unionid": unionid, **more})["openid"]


def say(connector, openid, text="你好", channel="wechat_oa.custom"):
    return connector.senders[channel].send(outgoing(text, recipients=(openid,)))


def code_of(caught) -> str:
    return caught.value.platform_code


def test_three_messages_within_a_minute_of_following(connector, sandbox, clock):
    openid = fan(sandbox)
    for _ in range(3):
        say(connector, openid)
    with pytest.raises(PlatformRefused) as caught:
        say(connector, openid)
    assert code_of(caught) == "45047"
    clock.advance(seconds=61)
    with pytest.raises(PlatformRefused) as caught:
        say(connector, openid)
    assert code_of(caught) == "45015"


def test_five_messages_within_48_hours_of_a_message(connector, sandbox, clock):
    openid = fan(sandbox)
    sandbox.control("write", {"openid": openid, "text": "在吗"})
    clock.advance(hours=47)
    for _ in range(5):
        say(connector, openid)
    with pytest.raises(PlatformRefused) as caught:
        say(connector, openid)
    assert code_of(caught) == "45047"
    assert sandbox.witness()["custom_messages"] == 5


def test_the_same_words_twice_unasked_are_a_duplicate(connector, sandbox):
    openid = fan(sandbox)
    say(connector, openid, "上新了")
    sandbox.control("write", {"openid": openid, "text": "在吗"})
    say(connector, openid, "上新了")
    assert sandbox.witness()["duplicates"] == 0
    say(connector, openid, "上新了")
    assert sandbox.witness()["duplicates"] == 1


def test_one_notice_for_one_permission(connector, sandbox):
    openid = fan(sandbox)
    sandbox.control("answer_popup", {"openid": openid, "template": "TPL-NEW"})
    say(connector, openid, CARD, "wechat_oa.subscribe")
    with pytest.raises(PlatformRefused) as caught:
        say(connector, openid, CARD, "wechat_oa.subscribe")
    assert (code_of(caught), caught.value.code) == ("43101", "wechat.no_permit")


def test_a_template_names_its_missing_field(connector, sandbox):
    openid = fan(sandbox)
    for text, code in (
        ("template: TPL-ORDER\nthing2: 茶", "47003"),
        ("template: TPL-NONE\nthing1: 茶", "40037"),
    ):
        with pytest.raises(PlatformRefused) as caught:
            say(connector, openid, text, "wechat_oa.template")
        assert code_of(caught) == code
        assert ("thing1" in caught.value.reason) == (code == "47003")
    with pytest.raises(PlatformRefused):
        say(connector, openid, "你好", "wechat_oa.template")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("thing", "茶" * 20, "茶" * 21),
        ("number", "16.80", "十六"),
        ("letter", "SC", "SC1"),
        ("character_string", "SF-1001", "顺丰1001"),
        ("symbol", "★★", "★" * 6),
        ("phrase", "已发货", "已经发货了呀"),
        ("name", "王小满", "王" * 11),
        ("name", "x" * 20, "x" * 21),
        ("phone_number", "+86-139", "电话"),
        ("car_number", "京A12345", "京A12345678"),
        ("amount", "￥168.00", "168.001"),
    ],
)
def test_a_blank_takes_what_its_kind_takes(connector, sandbox, kind, good, bad):
    told = {"template": "TPL-K", "title": "单", "content": f"内容:{{{{{kind}1.DATA}}}}"}
    sandbox.control("add_template", told)
    openid = fan(sandbox)
    say(connector, openid, f"template: TPL-K\n{kind}1: {good}", "wechat_oa.template")
    with pytest.raises(PlatformRefused) as caught:
        say(connector, openid, f"template: TPL-K\n{kind}1: {bad}", "wechat_oa.template")
    assert code_of(caught) == "47003"
    assert f"{kind}1" in caught.value.reason


def test_a_mass_message_goes_out_once_for_one_key_and_four_times_a_month(connector, sandbox):
    people = tuple(fan(sandbox, f"oU{n}") for n in range(3))
    mass = connector.senders["wechat_oa.mass"]
    for number in range(5):
        message = Outgoing(people, Content(f"第 {number} 封"), f"k{number}")
        assert len(mass.send(message).deliveries) == 3
        assert mass.send(message).deliveries
        assert mass.find_sent(message, None) is not None
    assert sandbox.witness()["mass_messages"] == 12
    assert sandbox.witness()["over_quota"] == 3
    with pytest.raises(PlatformRefused):
        mass.send(Outgoing(people[:1], Content("一人"), "k9"))


def test_an_expired_token_is_replaced_without_a_word(connector, sandbox):
    connector.tags.list_tags()
    sandbox.control("expire_token", {})
    connector.tags.list_tags()
    assert sandbox.control("calls", {})["token"] == 2


def test_limits_and_the_address_list_are_told(connector, sandbox):
    sandbox.control("knobs", {"per_minute": 1})
    connector.tags.list_tags()
    with pytest.raises(WaitUntil):
        connector.tags.list_tags()
    sandbox.control("knobs", {"per_minute": 100, "blocked_ip": "203.0.113.9"})
    sandbox.control("expire_token", {})
    with pytest.raises(Reauth) as caught:
        connector.tags.list_tags()
    assert "203.0.113.9" in caught.value.reason
    checks = connector.check.run()
    assert [check.name for check in checks if not check.is_ok] == ["ip"]
    assert "白名单" in checks[0].advice


def test_tags_are_made_once_and_hung_on_fans(connector, sandbox):
    openid = fan(sandbox)
    first = connector.tags.create_tags("渠道", ["海报", "门店"])
    again = connector.tags.create_tags("渠道", ["海报"])
    assert again == first[:1]
    connector.tags.mark("", openid, [first[0].remote_id], [])
    (fact,) = connector.contacts.fetch_contact(openid)
    assert [tag["name"] for tag in fact.private["tags"]] == ["海报"]
    connector.tags.mark("", openid, [], [first[0].remote_id])
    (fact,) = connector.contacts.fetch_contact(openid)
    assert fact.private["tags"] == []


def test_pages_of_fans_end_and_resume(connector, sandbox):
    for number in range(230):
        fan(sandbox, f"oU{number}")
    found, cursor = connector.contacts.fetch_contacts([""], "")
    assert (len(found), cursor) == (100, "|100")
    assert len(kit.read_all(connector)) == 230
    assert connector.contacts.fetch_contact(fan(sandbox, "oNew"))
    assert all(len(fact.identities) == 2 for fact in found)


def test_a_menu_survives_the_way_there_and_back(connector):
    buttons = (
        MenuButton(name="新品", kind="click", value="NEW"),
        MenuButton(
            name="更多",
            kind="group",
            buttons=(
                MenuButton(name="官网", kind="view", value="https://camellia.example"),
                MenuButton(
                    name="商城", kind="mini_program", value="https://a.cn", app_id="wx1", page="p"
                ),
            ),
        ),
    )
    connector.menus.publish_menu(buttons)
    assert connector.menus.fetch_menu() == buttons
    connector.menus.delete_menu()
    connector.menus.delete_menu()
    assert connector.menus.fetch_menu() == ()


def test_a_subscription_account_has_no_template_messages(connector, sandbox):
    sandbox.control("configure", {"appid": kit.APP, "kind": "subscription"})
    with pytest.raises(PlatformRefused) as caught:
        say(connector, fan(sandbox), "template: TPL-ORDER\nthing1: 茶", "wechat_oa.template")
    assert code_of(caught) == "48001"
    assert {one.channel for one in connector.templates.list_templates()} == {"wechat_oa.subscribe"}


def test_page_codes_work_once_and_for_five_minutes(connector, sandbox, clock):
    code = sandbox.control(
        "authorize", {"unionid": "oU1", "scope": "snsapi_userinfo", "name": "小王"}
    )
    visitor = connector.page_login.fetch_visitor(code["code"])
    assert (visitor.name, len(visitor.identities)) == ("小王", 2)
    with pytest.raises(PlatformRefused) as caught:
        connector.page_login.fetch_visitor(code["code"])
    assert code_of(caught) == "40163"
    late = sandbox.control("authorize", {"unionid": "oU1"})["code"]
    clock.advance(seconds=301)
    with pytest.raises(PlatformRefused) as caught:
        connector.page_login.fetch_visitor(late)
    assert code_of(caught) == "40029"


def test_unknown_calls_and_bodies_get_the_platform_s_own_words(sandbox):
    assert sandbox.answer(WireRequest(method="GET", path="/cgi-bin/none")).status == 404
    body = msgspec.json.encode({"appid": kit.APP, "secret": "wrong"})
    answer = sandbox.answer(
        WireRequest(method="POST", path="/cgi-bin/stable_token", body=body)
    ).body
    assert msgspec.json.decode(answer)["errcode"] == 40125
