from __future__ import annotations

import pytest

from siyu.kernel.errors import NotFound, PlatformRefused, Reauth, Refused, WaitUntil
from siyu.platforms.wecom.tests import kit
from siyu.ports import facts
from siyu.ports.capabilities import CallbackRequest
from siyu.ports.codes import CodeSpec
from siyu.ports.facts import Fact
from siyu.ports.sandbox import WireRequest


def read_facts(live, world, clock) -> list[Fact]:
    """The facts of the callbacks so far."""
    found: list[Fact] = []
    for request in world.take():
        verified = live.webhook.verify(request, clock.now())
        found += live.webhook.read(verified.body, clock.now(), verified.message_id)
    return found


@pytest.fixture
def code(live):
    return live.codes.create_code(
        CodeSpec(name="门店12海报", state="ch_store12", staff=("mei", "lin"))
    )


def test_a_scan_brings_a_friend_a_state_and_a_welcome(live, people, world, clock, code):
    done = people("scan", state="ch_store12", unionid="oU1", name="小王")
    (fact,) = read_facts(live, world, clock)
    assert fact.name == facts.FRIEND_ADDED
    assert fact.properties == {"state": "ch_store12"}
    assert fact.identities[0].value == done["external_userid"]
    message = kit.outgoing("欢迎小王", context={"welcome_code": fact.private["welcome_code"]})
    clock.advance(seconds=19)
    assert live.senders["wecom.welcome"].send(message).deliveries
    with pytest.raises(PlatformRefused, match="41051"):
        live.senders["wecom.welcome"].send(message)
    assert [item["text"] for item in people("delivered")["items"]] == ["欢迎小王"]


def test_a_welcome_after_twenty_seconds_or_after_a_chat_is_refused(
    live, people, world, clock, code
):
    sender = live.senders["wecom.welcome"]
    for unionid, delay in (("oU1", 21), ("oU2", 0)):
        done = people("scan", state="ch_store12", unionid=unionid, name="客")
        (fact,) = read_facts(live, world, clock)
        if not delay:
            people("chat", external_userid=done["external_userid"], userid=done["userid"])
        clock.advance(seconds=delay)
        with pytest.raises(PlatformRefused, match=r"4105[01]"):
            sender.send(kit.outgoing("晚了", context=dict(fact.private)))


def test_the_platform_chooses_of_a_codes_staff_and_a_known_customer_stays(people, world, code):
    scan = {"state": "ch_store12", "name": "客"}
    first = people("scan", unionid="oU1", **scan)
    others = {people("scan", unionid=f"oU{n}", **scan)["userid"] for n in range(2, 30)}
    again = people("scan", unionid="oU1", **scan)
    assert others == {"mei", "lin"}
    assert again == {**first, "is_new": False}
    assert len(world.sent) == 29


def test_leaving_and_coming_back_is_the_same_customer(live, people, world, clock):
    first = people("add_friend", userid="mei", unionid="oU1", name="小王")
    who = {"external_userid": first["external_userid"], "userid": "mei"}
    people("delete_friend", **who, by="customer")
    before = read_facts(live, world, clock)
    clock.advance(hours=1)
    again = people("add_friend", userid="mei", unionid="oU1", name="小王")
    people("delete_friend", **who, by="staff")
    assert again["external_userid"] == first["external_userid"]
    names = [fact.name for fact in before + read_facts(live, world, clock)]
    assert names == [
        facts.FRIEND_ADDED,
        facts.FRIEND_LOST,
        facts.FRIEND_ADDED,
        facts.FRIEND_REMOVED,
    ]
    assert live.contacts.fetch_contact(first["external_userid"]) == []


def test_get_and_batch_agree_about_a_customer(live, people):
    external = people("add_friend", userid="mei", unionid="oU1", name="小王", state="s1")[
        "external_userid"
    ]
    (tag,) = live.tags.create_tags("渠道", ["海报"])
    live.tags.mark("mei", external, [tag.remote_id], [])
    (one,) = live.contacts.fetch_contact(external)
    (two,), _ = live.contacts.fetch_contacts(["mei"], "")
    assert one == two
    assert one.private["tags"] == [{"remote_id": tag.remote_id, "group": "渠道", "name": "海报"}]


def test_our_own_changes_cause_no_callback(live, people, world):
    external = people("add_friend", userid="mei", unionid="oU1", name="小王")["external_userid"]
    world.take()
    (tag,) = live.tags.create_tags("渠道", ["海报"])
    live.tags.mark("mei", external, [tag.remote_id], [])
    assert world.sent == []


def test_all_customers_are_read_through_empty_pages(live, people):
    for n in range(250):
        people("add_friend", userid="mei" if n % 2 else "lin", unionid=f"oU{n}", name="客")
    people("knobs", has_empty_pages=True)
    found, cursor, pages = [], "", 0
    while True:
        more, cursor = live.contacts.fetch_contacts(["mei", "lin"], cursor)
        found += more
        pages += 1
        if not cursor:
            break
    assert len({fact.identities[0] for fact in found}) == 250
    assert pages == 4


def test_staff_without_customers_and_foreign_cursors(live, people):
    assert live.contacts.fetch_contacts(["mei"], "") == ([], "")
    people("add_friend", userid="mei", unionid="oU1", name="客")
    with pytest.raises(PlatformRefused, match="50100"):
        live.contacts.fetch_contacts(["mei"], "bm90LW91cnM=")


def test_invisible_staff_are_filtered(live, people):
    people("knobs", visible=["lin"])
    assert live.contacts.list_staff() == ["lin"]
    with pytest.raises(PlatformRefused, match="60111"):
        live.contacts.fetch_contacts(["mei"], "")


def test_unionids_are_given_only_when_a_developer_account_is_bound(live, people):
    external = people("add_friend", userid="mei", unionid="oU1", name="客")["external_userid"]
    people("knobs", is_developer_bound=False)
    (fact,) = live.contacts.fetch_contact(external)
    assert [identity.namespace for identity in fact.identities] == ["wecom_external_userid"]


def test_an_expired_token_is_replaced(live, people, sandbox, clock):
    live.contacts.list_staff()
    people("expire_token")
    live.contacts.list_staff()
    assert sandbox.witness()["tokens"] == 2
    clock.advance(hours=3)
    live.contacts.list_staff()
    assert sandbox.witness()["tokens"] == 3


def test_the_token_stays_the_same_inside_its_life(sandbox):
    query = {"corpid": kit.CORP, "corpsecret": kit.SECRET}
    request = WireRequest(method="GET", path="/cgi-bin/gettoken", query=query)
    assert sandbox.answer(request).body == sandbox.answer(request).body


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, b"41002"),
        ({"corpid": kit.CORP}, b"41004"),
        ({"corpid": "wwNO", "corpsecret": "x"}, b"40013"),
        ({"corpid": kit.CORP, "corpsecret": "x"}, b"40001"),
    ],
)
def test_wrong_credentials_have_their_codes(sandbox, query, code):
    request = WireRequest(method="GET", path="/cgi-bin/gettoken", query=query)
    assert code in sandbox.answer(request).body


@pytest.mark.parametrize(("token", "code"), [("", b"41001"), ("forged", b"40014")])
def test_wrong_tokens_have_their_codes(sandbox, token, code):
    path = f"{kit.EXTERNAL}/get_follow_user_list"
    request = WireRequest(method="GET", path=path, query={"access_token": token})
    assert code in sandbox.answer(request).body


def test_too_many_calls_are_stopped_until_the_next_minute(live, people, clock):
    live.contacts.list_staff()
    people("knobs", per_minute=3)
    live.contacts.list_staff()
    live.contacts.list_staff()
    with pytest.raises(WaitUntil) as caught:
        live.contacts.list_staff()
    clock.set(caught.value.until)
    live.contacts.list_staff()


def test_an_untrusted_address_is_named_by_the_check(live, people):
    people("knobs", blocked_ip="198.51.100.7")
    with pytest.raises(Reauth):
        live.contacts.list_staff()
    failed = [check for check in live.check.run() if not check.is_ok]
    assert [check.name for check in failed] == ["ip"]
    assert "203.0.113.9" in failed[0].detail
    assert failed[0].advice


def test_the_url_check_of_the_platform_is_answered(live, people, clock):
    query = people("callback_check")
    expects, _ = query.pop("expects"), query.pop("url")
    answer = live.webhook.verify(CallbackRequest("GET", query, {}, b""), clock.now())
    assert answer.reply_body.decode() == expects


def test_the_witness_counts_words_said_twice(live, people, sandbox, clock):
    external = people("add_friend", userid="mei", unionid="oU1", name="客")["external_userid"]
    sender = live.senders["wecom.mass_send"]
    for text in ("券", "新品", "券"):
        sender.send(kit.outgoing(text, recipients=(external,)))
    assert sandbox.witness()["duplicate_tasks"] == 1
    people("confirm_sends")
    assert sandbox.witness()["messages"] == 3
    assert sandbox.witness()["duplicates"] == 1


def test_the_same_words_after_coming_back_are_no_duplicate(live, people, sandbox, clock):
    sender = live.senders["wecom.mass_send"]
    for _ in range(2):
        external = people("add_friend", userid="mei", unionid="oU1", name="客")["external_userid"]
        sender.send(kit.outgoing("券", recipients=(external,)))
        people("confirm_sends")
        people("delete_friend", external_userid=external, userid="mei", by="customer")
        clock.advance(days=1)
    assert sandbox.witness()["duplicates"] == 0


def test_tags_that_exist_are_found_not_made(live):
    first = live.tags.create_tags("渠道", ["海报", "直播"])
    again = live.tags.create_tags("渠道", ["直播", "地推"])
    assert again[0] == first[1]
    assert sorted(tag.name for tag in live.tags.list_tags()) == ["地推", "海报", "直播"]


def test_marking_a_stranger_or_with_a_bad_tag_is_refused(live, people):
    with pytest.raises(PlatformRefused, match="84061"):
        live.tags.mark("mei", "wmNO", ["etX"], [])
    external = people("add_friend", userid="mei", unionid="oU1", name="客")["external_userid"]
    with pytest.raises(PlatformRefused, match="40068"):
        live.tags.mark("mei", external, ["etX"], [])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("fly", {}),
        ("scan", {"state": "nobody", "unionid": "o", "name": "n"}),
        ("scan", {}),
        ("delete_friend", {"external_userid": "x", "userid": "mei", "by": "staff"}),
        ("add_friend", {"userid": "wu", "unionid": "o", "name": "n"}),
        ("knobs", {"gravity": 1}),
        ("configure", {"corp_id": "c", "aes_key": "short"}),
        ("state", {"corp_id": "wwNO"}),
    ],
)
def test_wrong_control_calls_are_refused(sandbox, operation, arguments):
    with pytest.raises((Refused, NotFound)):
        sandbox.control(operation, arguments)


def test_unknown_paths_are_not_found(sandbox):
    for path in ("/", "/cgi-bin/externalcontact/nothing", "/cgi-bin/gettoken/x"):
        assert sandbox.answer(WireRequest(method="GET", path=path)).status == 404


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"userid_list":"mei"}', b'{"limit":101,"userid_list":["mei"]}']
)
def test_bad_bodies_have_an_errcode(sandbox, live, body):
    live.contacts.list_staff()
    query = {"corpid": kit.CORP, "corpsecret": kit.SECRET}
    got = sandbox.answer(WireRequest(method="GET", path="/cgi-bin/gettoken", query=query))
    token = got.body.split(b'"access_token":"')[1].split(b'"')[0].decode()
    path = f"{kit.EXTERNAL}/batch/get_by_user"
    request = WireRequest(method="POST", path=path, query={"access_token": token}, body=body)
    answer = sandbox.answer(request)
    assert answer.status == 200
    assert b'"errcode":0' not in answer.body


@pytest.mark.parametrize(
    ("kind", "long"),
    [
        ("link", {"title": "x" * 129, "url": "https://a.cn"}),
        ("link", {"title": "x", "url": "https://a.cn", "desc": "x" * 513}),
        ("link", {"title": "x", "url": "https://a.cn/" + "x" * 2048}),
        ("miniprogram", {"title": "x" * 65, "appid": "a", "page": "p", "pic_media_id": "m"}),
    ],
)
def test_texts_of_attachments_have_their_limits(live, people, kind, long):
    friend = people("add_friend", userid="mei", unionid="o1", name="客")["external_userid"]
    body = {
        "external_userid": [friend],
        "sender": "mei",
        "attachments": [{"msgtype": kind, kind: long}],
    }
    with pytest.raises(PlatformRefused) as caught:
        live.senders["wecom.mass_send"]._client.add_msg_template(body)
    assert caught.value.platform_code == "40058"
