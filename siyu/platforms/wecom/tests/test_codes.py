"""Contact ways, acquisition links, media and remarks: wire, limits, and the sandbox's meaning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.errors import PlatformRefused, Refused, RetryLater
from siyu.platforms.wecom.pictures import read_qr
from siyu.platforms.wecom.tests import kit
from siyu.ports import facts
from siyu.ports.codes import CodeSpec
from siyu.ports.http import HttpAnswer
from siyu.ports.media import MediaFile

ADD = f"POST {kit.EXTERNAL}/add_contact_way"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def spec(**more) -> CodeSpec:
    return CodeSpec(**{"name": "门店海报", "state": "c1", "staff": ("mei",), **more})


def events(live, world, clock):
    bodies = [live.webhook.verify(request, clock.now()) for request in world.take()]
    return [
        fact
        for one in bodies
        for fact in live.webhook.read(one.body or b"", clock.now(), one.message_id)
    ]


def test_a_code_is_made_as_the_document_says(connector, wire):
    made = {"errcode": 0, "config_id": "cfg", "qr_code": "https://p.qpic.cn/x.png"}
    wire.script(ADD, [made])
    wire.script("GET /x.png", [HttpAnswer(404, {}, b"")])
    code = connector.codes.create_code(
        spec(departments=("12",), is_accepted=False, is_exclusive=True)
    )
    assert wire.sent(ADD)[0].json == {
        "type": 2,
        "scene": 2,
        "remark": "门店海报",
        "skip_verify": False,
        "state": "c1",
        "user": ["mei"],
        "party": [12],
        "is_exclusive": True,
    }
    assert (code.remote_id, code.url, code.picture_url) == ("cfg", "", "https://p.qpic.cn/x.png")


def test_what_the_platforms_picture_holds_is_read(live):
    code = live.codes.create_code(spec())
    assert code.url == f"https://work.weixin.qq.com/ca/{code.remote_id}"
    assert live.codes.read_picture(code.picture_url) == code.url
    assert read_qr(b"no picture") == ""
    assert read_qr(b"") == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "s" * 31},
        {"state": ""},
        {"staff": ()},
        {"staff": ("mei",) * 101},
        {"staff": (), "departments": ("sales",)},
    ],
)
def test_codes_have_limits(live, wrong):
    with pytest.raises(Refused):
        live.codes.create_code(spec(**wrong))


def test_a_code_is_changed_and_deleted_and_deleting_twice_is_nothing(live, people):
    code = live.codes.create_code(spec())
    for _ in range(2):
        live.codes.update_code(code.remote_id, spec(staff=("lin",), is_accepted=False))
    (way,) = people("contact_ways")
    assert (way["user"], way["skip_verify"], way["updates"]) == (["lin"], False, 2)
    live.codes.delete_code(code.remote_id)
    live.codes.delete_code(code.remote_id)
    assert people("contact_ways") == []
    with pytest.raises(PlatformRefused, match="41037"):
        live.codes.update_code(code.remote_id, spec())


def test_a_department_receives_and_follows_its_members(live, people):
    people("add_department", id=7, name="七店")
    people("add_staff", staff=[{"userid": "han", "name": "韩", "department": [7]}])
    live.codes.create_code(spec(staff=(), departments=("7",)))
    assert people("scan", state="c1", unionid="oU1", name="客")["userid"] == "han"
    with pytest.raises(PlatformRefused, match="60003"):
        live.codes.create_code(spec(state="c2", staff=(), departments=("99",)))


def test_an_exclusive_code_gives_the_guide_a_customer_has(live, people):
    live.codes.create_code(spec(staff=("lin",), is_exclusive=True))
    people("add_friend", userid="mei", unionid="oU1", name="客")
    assert people("scan", state="c1", unionid="oU1", name="客")["userid"] == "mei"
    assert people("scan", state="c1", unionid="oU2", name="客")["userid"] == "lin"


def test_the_corp_may_have_so_many_codes(live, people):
    people("knobs", max_ways=1)
    live.codes.create_code(spec())
    with pytest.raises(PlatformRefused, match="41042"):
        live.codes.create_code(spec(state="c2"))


def test_a_link_brings_a_customer_with_its_channel(live, people, world, clock):
    link = live.links.create_code(spec(state="l1"))
    done = people("open_link", url=f"{link.url}.shelf7", unionid="oU1", name="客")
    told = events(live, world, clock)
    assert [fact.name for fact in told] == [facts.FRIEND_ADDED]
    assert told[0].properties["state"] == "l1.shelf7"
    (customer,), end = live.links.list_customers(link.remote_id, "")
    assert (customer.state, customer.has_spoken, end) == ("l1.shelf7", False, "")
    people("speak", external_userid=done["external_userid"], userid="mei")
    (spoke,) = events(live, world, clock)
    assert (spoke.name, spoke.staff) == (facts.FIRST_SPOKE, "mei")
    assert live.links.list_customers(link.remote_id, "")[0][0].has_spoken is True
    day = timedelta(days=1)
    figures = live.links.get_figures(link.remote_id, clock.now() - day, clock.now())
    assert (figures.clicks, figures.added) == (1, 1)


def test_a_links_customers_cost_and_the_platform_warns(live, people, world, clock):
    link = live.links.create_code(spec(state="l1"))
    people("buy_links", units=-980)
    done = people("open_link", url=link.url, unionid="oU1", name="客")
    world.take()
    people("speak", external_userid=done["external_userid"], userid="mei")
    told = events(live, world, clock)
    assert [fact.properties.get("change") for fact in told] == [None, "balance_low"]
    assert (live.links.get_quota().balance, live.links.get_quota().total) == (19, 1)
    people("buy_links", units=-19)
    with pytest.raises(Refused, match="balance"):
        people("open_link", url=link.url, unionid="oU2", name="客")


def test_links_are_listed_changed_and_deleted(live):
    link = live.links.create_code(spec(state="l1"))
    assert live.links.list_links("") == ([link.remote_id], "")
    live.links.update_code(link.remote_id, spec(state="l1", staff=("lin",)))
    live.links.delete_code(link.remote_id)
    assert live.links.list_links("") == ([], "")
    with pytest.raises(Refused):
        live.links.create_code(spec(state="x" * 65))


def test_an_unavailable_link_is_told(live, people, world, clock):
    people("break_link", link_id="ca1")
    (told,) = events(live, world, clock)
    assert told.properties == {"change": "link_unavailable", "remote_id": "ca1"}


def test_media_live_three_days_and_are_needed_by_attachments(live, people, world, clock):
    media = live.media.upload(MediaFile(kind="image", name="海报.png", content=PNG))
    assert media.expires_at == clock.now() + timedelta(days=3)
    live.codes.create_code(spec())
    for unionid, days, is_carried in (("oU1", 0, True), ("oU2", 4, False)):
        clock.advance(days=days)
        people("scan", state="c1", unionid=unionid, name="客")
        (fact,) = events(live, world, clock)
        attachment = {"kind": "image", "media_id": media.media_id}
        message = kit.outgoing("看图", context=dict(fact.private), attachments=(attachment,))
        if is_carried:
            live.senders["wecom.welcome"].send(message)
        else:
            with pytest.raises(PlatformRefused, match="40007"):
                live.senders["wecom.welcome"].send(message)
    assert people("delivered")["items"][0]["attachments"] == ["image"]


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("voice", "a.amr", PNG),
        ("image", "a.gif", PNG),
        ("image", "a.png", b"12345"),
        ("video", "a.mp4", b"0" * (10 * 1024 * 1024 + 1)),
    ],
)
def test_media_the_platform_would_not_take_are_refused(live, kind, name, content):
    with pytest.raises(Refused):
        live.media.upload(MediaFile(kind=kind, name=name, content=content))


def test_an_upload_is_a_form_with_the_file_and_is_safe_to_repeat(connector, wire):
    call = "POST /cgi-bin/media/upload"
    answer = {"errcode": 0, "type": "image", "media_id": "m1", "created_at": "1794362400"}
    wire.script(call, [RetryLater("x", "y"), answer])
    file = MediaFile(kind="image", name='a"\r\n.png', content=PNG)
    with pytest.raises(RetryLater):
        connector.media.upload(file)
    assert connector.media.upload(file).media_id == "m1"
    sent = wire.sent(call)[1]
    assert sent.is_safe
    assert sent.params["type"] == "image"
    assert b'filename="a.png"; filelength=108' in sent.content
    assert PNG in sent.content


def test_a_remark_is_cut_to_the_platforms_length(connector, wire):
    call = f"POST {kit.EXTERNAL}/remark"
    wire.script(call, [{"errcode": 0}])
    connector.remarks.write_remark("mei", "wm1", remark="名" * 30, description="")
    assert wire.sent(call)[0].json == {
        "userid": "mei",
        "external_userid": "wm1",
        "remark": "名" * 20,
    }
    connector.remarks.write_remark("mei", "wm1", remark="", description="")
    assert wire.count(call) == 1
