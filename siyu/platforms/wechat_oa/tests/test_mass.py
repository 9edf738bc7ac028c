"""Mass messages of pictures and articles, and their preview, against the sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.errors import PlatformRefused, Refused, WaitUntil
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.capabilities import CallbackRequest, Content, Outgoing
from siyu.ports.media import MediaFile
from siyu.ports.testing.suite import NOW

PICTURE = MediaFile(kind="image", name="茶.png", content=b"\x89PNG\r\n\x1a\n-tea")


def people(sandbox, count: int = 3) -> tuple[str, ...]:
    return tuple(
        sandbox.control("follow", {"unionid": f"oU{number}"})["openid"] for number in range(count)
    )


def send(connector, recipients, *attachments, text="", key="k1"):
    content = Content(text, tuple(attachments))
    return connector.senders["wechat_oa.mass"].send(Outgoing(recipients, content, key))


def heard(sandbox) -> list[tuple[str, str]]:
    items = sandbox.control("delivered", {})["items"]
    return [(item["kind"], item["text"]) for item in items]


def image(media_id: str) -> dict[str, str]:
    return {"kind": "image", "media_id": media_id}


def test_a_picture_is_uploaded_for_three_days_and_reaches_every_fan(connector, sandbox, clock):
    fans = people(sandbox)
    made = connector.media.upload(PICTURE)
    assert made.expires_at == NOW + timedelta(days=3)
    send(connector, fans, image(made.media_id))
    assert heard(sandbox) == [("mass", f"[image {made.media_id}]")] * 3
    clock.advance(days=3)
    with pytest.raises(PlatformRefused) as caught:
        send(connector, fans, image(made.media_id), key="k2")
    assert (caught.value.platform_code, caught.value.code) == ("40007", "wechat.media")
    assert sandbox.witness()["mass_messages"] == 3


def test_a_media_id_nobody_uploaded_is_refused_everywhere(connector, sandbox):
    fans = people(sandbox)
    for one in (image("M-NONE"), {"kind": "article", "media_id": "D-NONE"}):
        with pytest.raises(PlatformRefused) as caught:
            send(connector, fans, one)
        assert caught.value.platform_code == "40007"
    custom = connector.senders["wechat_oa.custom"]
    with pytest.raises(PlatformRefused) as caught:
        custom.send(Outgoing(fans[:1], Content("", (image("M-NONE"),)), "k3"))
    assert caught.value.platform_code == "40007"
    assert heard(sandbox) == []


def test_drafts_are_listed_by_pages_and_sent_as_articles(connector, sandbox, clock):
    assert connector.articles.list_articles("") == ([], "")
    for number in range(25):
        clock.advance(seconds=1)
        sandbox.control("add_draft", {"title": f"春茶 {number}", "digest": "雾里"})
    first, cursor = connector.articles.list_articles("")
    rest, end = connector.articles.list_articles(cursor)
    assert (len(first), cursor, len(rest), end) == (20, "20", 5, "")
    newest = first[0]
    assert (newest.title, newest.digest, newest.parts) == ("春茶 24", "雾里", 1)
    assert newest.updated_at == clock.now()
    send(connector, people(sandbox, 2), {"kind": "article", "media_id": newest.media_id})
    assert heard(sandbox) == [("mass", "春茶 24")] * 2
    with pytest.raises(Refused):
        connector.articles.list_articles("x")


def test_a_mass_message_is_one_piece(connector, sandbox):
    fans, media = people(sandbox), connector.media.upload(PICTURE).media_id
    article = {"kind": "article", "media_id": "D1"}
    for text, attachments in (
        ("你好", [image(media)]),
        ("", [image(media), article]),
        ("", [article, article]),
        ("", [{"kind": "image"}]),
        ("", [{"kind": "link", "media_id": media}]),
        ("", [image(media)] * 21),
        ("", []),
    ):
        with pytest.raises(PlatformRefused):
            send(connector, fans, *attachments, text=text)
    assert sandbox.control("calls", {}).get("/cgi-bin/message/mass/send", 0) == 0


def test_a_preview_shows_every_picture_and_uses_no_quota_of_the_month(connector, sandbox):
    fans = people(sandbox)
    pictures = [image(connector.media.upload(PICTURE).media_id) for _ in range(2)]
    for _ in range(2):
        connector.trials.send_trial(fans[0], "", pictures)
    connector.trials.send_trial(fans[0], "你好", [])
    assert sandbox.witness()["preview_messages"] == 5
    assert sandbox.witness()["duplicates"] == 0
    for number in range(4):
        send(connector, fans, text="你好", key=f"m{number}")
    assert sandbox.witness()["mass_messages"] == 12
    sandbox.control("unfollow", {"openid": fans[1]})
    with pytest.raises(PlatformRefused) as caught:
        connector.trials.send_trial(fans[1], "你好", [])
    assert caught.value.platform_code == "43004"


def test_a_hundred_previews_a_day(connector, sandbox, clock):
    (fan,) = people(sandbox, 1)
    for _ in range(100):
        connector.trials.send_trial(fan, "你好", [])
    with pytest.raises(WaitUntil):
        connector.trials.send_trial(fan, "你好", [])
    clock.advance(days=1)
    connector.trials.send_trial(fan, "你好", [])


def test_a_subscription_account_sends_one_mass_message_a_day(connector, sandbox, clock):
    fans = people(sandbox)
    sandbox.control("configure", {"appid": kit.APP, "kind": "subscription"})
    send(connector, fans, text="你好", key="m1")
    with pytest.raises(PlatformRefused) as caught:
        send(connector, fans, text="再见", key="m2")
    assert caught.value.platform_code == "45028"
    clock.advance(days=1)
    send(connector, fans, text="再见", key="m2")
    assert sandbox.witness()["mass_messages"] == 6


def test_a_key_has_at_most_64_bytes(sandbox, post):
    fans = people(sandbox)
    body = {"touser": fans, "msgtype": "text", "text": {"content": "x"}, "clientmsgid": "k" * 65}
    assert post("/cgi-bin/message/mass/send", body)["errcode"] == 45067


def test_the_end_of_a_mass_message_is_told_in_numbers(connector, sandbox, world):
    fans = people(sandbox)
    world.sent.clear()
    send(connector, (*fans, "oNobody"), text="上新了")
    (callback,) = world.sent
    (fact,) = facts_of(connector, callback)
    assert fact.name == "mass_send_finished"
    assert fact.identities == ()
    told = {name: fact.properties[name] for name in ("total", "filtered", "sent", "failed")}
    assert told == {"total": 4, "filtered": 3, "sent": 3, "failed": 0}
    assert fact.properties["status"] == "send success"


def test_what_is_no_picture_or_too_large_is_not_uploaded(connector, sandbox):
    for kind, content in (("file", b"x"), ("image", b""), ("image", b"x" * (10 * 1024 * 1024 + 1))):
        with pytest.raises(Refused):
            connector.media.upload(MediaFile(kind=kind, name="a.png", content=content))
    assert sandbox.witness().get("uploads", 0) == 0


def facts_of(connector, callback):
    request = CallbackRequest("POST", callback.query, {}, callback.body)
    verified = connector.webhook.verify(request, NOW)
    return connector.webhook.read(verified.body, NOW, verified.message_id)
