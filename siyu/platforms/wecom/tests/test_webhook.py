from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from siyu.kernel.errors import Forbidden, Refused
from siyu.platforms.wecom.crypto import encrypt, load_aes_key, sign
from siyu.platforms.wecom.tests import kit
from siyu.platforms.wecom.webhook import WecomWebhook
from siyu.ports.capabilities import CallbackRequest
from siyu.ports.testing import golden_cases


@golden_cases("webhook")
def test_golden_facts_of_events(case, connector, clock):
    verified = connector.webhook.verify(kit.seal(case.body, clock.now()), clock.now())
    assert verified.reply_body == b"success"
    assert verified.body == case.body
    case.check(connector.webhook.read(verified.body, clock.now(), verified.message_id))


def test_the_url_check_is_answered_with_the_plain_text(connector, clock):
    echo = encrypt(load_aes_key(kit.AES_KEY), b"1616140317555161061", kit.CORP)
    stamp = str(int(clock.now().timestamp()))
    query = {
        "msg_signature": sign(kit.TOKEN, stamp, "n", echo),
        "timestamp": stamp,
        "nonce": "n",
        "echostr": echo,
    }
    verified = connector.webhook.verify(CallbackRequest("GET", query, {}, b""), clock.now())
    assert verified.reply_body == b"1616140317555161061"
    assert verified.body is None
    assert "html" not in verified.reply_type


@pytest.mark.parametrize("shift", [timedelta(seconds=301), timedelta(seconds=-301)])
def test_a_stale_or_future_callback_is_refused(connector, clock, shift):
    request = kit.seal(kit.event({}, ""), clock.now())
    connector.webhook.verify(request, clock.now() + shift * 0.9)
    with pytest.raises(Forbidden):
        connector.webhook.verify(request, clock.now() + shift)


def test_all_refusals_say_the_same(connector, clock):
    good = kit.seal(kit.event({}, ""), clock.now())
    bad = [
        replace(good, query={**good.query, "msg_signature": "0" * 40}),
        kit.seal(kit.event({}, ""), clock.now() - timedelta(hours=1)),
        kit.seal(kit.event({}, ""), clock.now(), receiver="wwOTHER"),
        kit.seal(kit.event({}, ""), clock.now(), key="a" * 43),
    ]
    said = set()
    for request in bad:
        with pytest.raises(Forbidden) as caught:
            connector.webhook.verify(request, clock.now())
        said.add(str(caught.value))
    assert len(said) == 1


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<xml><Encrypt>&c;</Encrypt></xml>"""
XXE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<xml><Encrypt>&e;</Encrypt></xml>"""
DTD = b"<!DOCTYPE xml><xml><Encrypt>a</Encrypt></xml>"


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        XXE,
        DTD,
        b"<xml><Encrypt>a</Encrypt>",
        b"<xml><Encrypt>a</Encrypt></xml><xml/>",
        b'{"encrypt":"a"}',
        "<xml><Encrypt>你</Encrypt></xml>".encode("gbk"),
        "<xml><Encrypt>a</Encrypt></xml>".encode("utf-16"),
        b"<xml><Encrypt>a\x00</Encrypt></xml>",
        b"<xml><Encrypt>" + b"a" * 1_100_000 + b"</Encrypt></xml>",
    ],
    ids=["bomb", "xxe", "dtd", "cut", "two", "json", "gbk", "utf16", "nul", "huge"],
)
def test_bad_xml_is_refused_before_it_is_expanded(connector, clock, body):
    with pytest.raises(Refused):
        connector.webhook.verify(CallbackRequest("POST", {}, {}, body), clock.now())


def test_bad_xml_inside_a_good_envelope_is_kept_and_refused_when_read(connector, clock):
    verified = connector.webhook.verify(kit.seal(XXE, clock.now()), clock.now())
    assert verified.body == XXE
    with pytest.raises(Refused):
        connector.webhook.read(verified.body, clock.now(), verified.message_id)


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", "١٢٣", "9" * 30])
def test_an_impossible_time_is_refused(connector, clock, value):
    with pytest.raises(Refused) as caught:
        connector.webhook.read(kit.event({"CreateTime": value}, ""), clock.now(), "m")
    assert caught.value.field == "CreateTime"


def test_an_event_from_the_future_is_clamped_and_flagged(connector, clock):
    ahead = str(int(clock.now().timestamp()) + 3600)
    (fact,) = connector.webhook.read(kit.event({"CreateTime": ahead}, ""), clock.now(), "m")
    assert fact.at == fact.received_at
    assert fact.properties["clock"] == "ahead"


def test_an_old_event_is_late(connector, clock):
    old = str(int(clock.now().timestamp()) - 400 * 86_400)
    (fact,) = connector.webhook.read(kit.event({"CreateTime": old}, ""), clock.now(), "m")
    assert fact.is_late


def test_a_wrong_aes_key_says_which_field(clock):
    account = replace_fields(aes_key="short")
    with pytest.raises(Refused) as caught:
        WecomWebhook(account).verify(kit.seal(kit.event({}, ""), clock.now()), clock.now())
    assert caught.value.field == "aes_key"


def replace_fields(**fields: str):
    from msgspec.structs import replace as replace_struct

    return replace_struct(kit.ACCOUNT, fields={**kit.ACCOUNT.fields, **fields})
