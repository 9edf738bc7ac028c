"""Callbacks: the published vectors, plain mode, repeats, replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from siyu.kernel.errors import Forbidden, Refused
from siyu.ports.capabilities import AccountConfig, CallbackRequest
from siyu.wechat.bodies import many, read_body, to_xml
from siyu.wechat.callbacks import WechatCallbacks, message_id, sign_plain
from siyu.wechat.envelope import decrypt, encrypt, load_aes_key, sign
from siyu.wechat.testing import AppKit

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = AccountConfig(
    key="wechat_oa:wx1",
    platform="wechat_oa",
    remote_id="wx1",
    name="",
    base_url="https://api.weixin.qq.com",
    fields={"token": "test", "aes_key": KEY},
)
SAFE = WechatCallbacks(ACCOUNT, lambda fields, origin: [])
PLAIN = WechatCallbacks(replace(ACCOUNT, fields={"token": "test"}), lambda fields, origin: [])
KIT = AppKit(ACCOUNT, "subscribe")


def plain_query(now: datetime) -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    return {"signature": sign_plain("test", stamp, "n"), "timestamp": stamp, "nonce": "n"}


def test_the_published_plain_signature():
    assert sign_plain("test", "1410685589", "test") == "f21891de399b4e33a1a93c9a7b8a8fffb5a443ff"


def test_the_published_ciphertext_of_an_official_account():
    sealed = encrypt(
        load_aes_key(KEY),
        "我是中文abcd123".encode(),
        "wxb11529c136998cb6",
        random=b"aaaabbbbccccdddd",
    )
    assert sealed == (
        "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    )


@pytest.mark.parametrize("size", range(0, 70, 7))
def test_every_padding_up_to_32_is_read(size):
    sealed = encrypt(load_aes_key(KEY), b"a" * size, "wx1")
    assert decrypt(load_aes_key(KEY), sealed, "wx1") == b"a" * size


def test_the_url_check_echoes_what_came():
    query = {**plain_query(NOW), "echostr": "9007199254740993"}
    for callbacks in (SAFE, PLAIN):
        verified = callbacks.verify(CallbackRequest("GET", query, {}, b""), NOW)
        assert (verified.reply_body, verified.body) == (b"9007199254740993", None)
    with pytest.raises(Forbidden):
        SAFE.verify(CallbackRequest("GET", plain_query(NOW), {}, b""), NOW)


def test_plain_bodies_are_taken_in_plain_mode_only():
    request = CallbackRequest("POST", plain_query(NOW), {}, KIT.message({}, ""))
    assert PLAIN.verify(request, NOW).message_id == "msg:24000000001"
    with pytest.raises(Forbidden):
        SAFE.verify(request, NOW)


@pytest.mark.parametrize("shift", [timedelta(seconds=301), timedelta(seconds=-301)])
def test_stale_and_future_callbacks_are_refused(shift):
    request = KIT.seal(KIT.message({}, ""), NOW)
    SAFE.verify(request, NOW + shift * 0.9)
    with pytest.raises(Forbidden):
        SAFE.verify(request, NOW + shift)


def test_a_repeat_is_known_in_another_envelope_and_another_writing():
    event = {"FromUserName": "o1", "CreateTime": "1", "MsgType": "event", "Event": "CLICK"}
    turned = dict(reversed(event.items()))
    assert message_id(read_body(to_xml(event).encode())) == message_id(turned)
    assert message_id(event) != message_id({**event, "CreateTime": "2"})
    assert message_id(event) != message_id({**event, "EventKey": "A"})


def test_a_reply_is_sealed_and_signed_as_the_platform_wants():
    reply = SAFE.seal_reply({"ToUserName": "o1", "MsgType": "text", "Content": "好 ]]> 的"}, NOW)
    fields = read_body(reply)
    expected = sign("test", fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    assert fields["MsgSignature"] == expected
    plain = read_body(decrypt(load_aes_key(KEY), fields["Encrypt"], "wx1"))
    assert plain["Content"] == "好 ]]> 的"
    assert b"<Content>" in PLAIN.seal_reply({"Content": "好"}, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>',
        b"<!DOCTYPE xml><xml/>",
        b"<xml><A>",
        b"[]",
        b'{"a":',
        "<xml><A>你</A></xml>".encode("gbk"),
        b"<xml>" + b"a" * 1_100_000 + b"</xml>",
        b"",
    ],
)
def test_bad_bodies_are_refused(body):
    with pytest.raises(Refused):
        read_body(body)


def test_repeated_fields_become_lists():
    found = read_body(b"<xml><L><A>1</A></L><L><A>2</A></L><B>3</B></xml>")
    assert found == {"L": [{"A": "1"}, {"A": "2"}], "B": "3"}
    assert (many(found["L"])[1], many(found["B"]), many(None)) == ({"A": "2"}, ["3"], [])
