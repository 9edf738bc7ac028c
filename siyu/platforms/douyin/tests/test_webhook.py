"""Webhooks: signature, URL check, strict JSON, golden facts."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from siyu.kernel.errors import Forbidden, Refused
from siyu.platforms.douyin.tests.kit import ACCOUNT, MESSAGE, envelope, seal
from siyu.platforms.douyin.webhook import DouyinWebhook, sign
from siyu.ports.testing import Case, golden_cases

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
HOOK = DouyinWebhook(ACCOUNT)


@golden_cases("webhook")
def test_webhook_gives_the_kept_facts(case: Case) -> None:
    case.check(HOOK.read(case.body, NOW, "m1"))


def test_signature_is_sha1_of_secret_and_body() -> None:
    body = b'{"event":"verify_webhook","client_key":"ck_demo","content":{"challenge":12345}}'
    assert sign("secret_demo", body) == "e510ef9f77d7d6d434721cb8a3481560aff9adce"


@pytest.mark.parametrize("challenge", [12345, "12345", 18446744073709551615])
@pytest.mark.parametrize("is_text", [True, False])
def test_url_check_gets_the_same_challenge(challenge: object, *, is_text: bool) -> None:
    content: object = {"challenge": challenge}
    if is_text:
        content = msgspec.json.encode(content).decode()
    body = msgspec.json.encode(
        {"event": "verify_webhook", "client_key": "ck_demo", "content": content}
    )
    verified = HOOK.verify(seal(body), NOW)
    assert msgspec.json.decode(verified.reply_body) == {"challenge": challenge}
    assert verified.body is None


def test_unsigned_message_id_header_does_not_matter() -> None:
    body = envelope("im_receive_msg", MESSAGE)
    one, other = seal(body), seal(body)
    object.__setattr__(other, "headers", {**other.headers, "Msg-Id": "another"})
    assert HOOK.verify(one, NOW).message_id == HOOK.verify(other, NOW).message_id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"event":1}',
        b'{"event":"im_receive_msg"}{"event":"im_receive_msg"}',
        b"\xef\xbb\xbf{}",
        b'{"event":"im_receive_msg","from_user_id":"u","content":"not json"}',
        b'{"event":"im_receive_msg","from_user_id":"u","content":"[]"}',
        b'{"event":"im_receive_msg","from_user_id":"u","content":7}',
        b'{"event":"verify_webhook","content":{}}',
        b'{"event":"verify_webhook","content":"x"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
def test_rubbish_with_a_good_signature_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        HOOK.verify(seal(body), NOW)


def test_body_over_the_limit_is_refused() -> None:
    body = envelope("im_receive_msg", {**MESSAGE, "text": "长" * 400_000})
    with pytest.raises(Refused, match=r"callback\.size"):
        HOOK.verify(seal(body), NOW)


def test_other_application_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        HOOK.verify(seal(envelope("im_receive_msg", MESSAGE, client_key="ck_other")), NOW)


def test_message_text_and_names_stay_out_of_properties() -> None:
    (fact,) = HOOK.read(envelope("im_receive_msg", MESSAGE), NOW, "m1")
    assert fact.private["text"] == "有新茶吗"
    assert fact.traits["name"] == "小满"
    assert fact.properties == {"message_type": "text"}


def test_our_own_account_is_never_a_customer() -> None:
    body = envelope("unauthorize", {}, from_user_id=ACCOUNT.fields["open_id"])
    (fact,) = HOOK.read(body, NOW, "m1")
    assert (fact.name, fact.identities) == ("account_unauthorized", ())


def test_time_ahead_of_ours_is_not_believed_and_an_old_one_is_late() -> None:
    now = int(NOW.timestamp() * 1000)
    for told, at, is_late in (
        (now + 3_600_000, now, False),
        (now - 1000, now - 1000, False),
        (now - 2 * 86_400_000, now - 2 * 86_400_000, True),
    ):
        body = envelope("im_receive_msg", {**MESSAGE, "create_time": told})
        (fact,) = HOOK.read(body, NOW, "m1")
        assert (fact.at, fact.is_late) == (at, is_late)
