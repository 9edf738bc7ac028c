"""What the conformance kits of official account and mini program share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from siyu.kernel.errors import PlatformError, PlatformRefused, Reauth, RetryLater, WaitUntil
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Content, Outgoing
from siyu.ports.testing.scripted import SentRequest
from siyu.wechat.bodies import to_xml
from siyu.wechat.callbacks import sign_plain
from siyu.wechat.codes import Recovery
from siyu.wechat.envelope import encrypt, load_aes_key, sign
from siyu.wechat.errors import RULES

OPENID = "oOPENID00000000000000000001"
TOKEN_CALL = "POST /cgi-bin/stable_token"  # noqa: S105 - a call
_FAMILIES: dict[Recovery, type[PlatformError]] = {
    Recovery.RETRY: RetryLater,
    Recovery.WAIT: WaitUntil,
    Recovery.REAUTH: Reauth,
    Recovery.REFUSE: PlatformRefused,
    Recovery.IGNORE: PlatformRefused,
}
CODES = {
    code: _FAMILIES[rule.recovery]
    for code, rule in RULES.items()
    if rule.recovery is not Recovery.REFRESH
}


def token_answer(number: int) -> dict[str, Any]:
    """The answer of stable_token; without an errcode, as the platform leaves it out."""
    return {"access_token": f"tok{number}", "expires_in": 7200}


def error(code: int, text: str = "failed") -> dict[str, Any]:
    """An error as the platform words it."""
    return {"errcode": code, "errmsg": f"{text} rid: 66f0a1b2-0c3d4e5f"}


def outgoing(text: str, **more: Any) -> Outgoing:
    """A message to one person."""
    values = {"recipients": (OPENID,), "idempotency_key": "k1", **more}
    return Outgoing(content=Content(text), **values)


def text_of(sent: SentRequest) -> str:
    """The text of a customer-service message."""
    return str(sent.json["text"]["content"])


@dataclass(frozen=True)
class AppKit:
    """One app that sends callbacks in safe mode. entering: its event of somebody coming in."""

    account: AccountConfig
    entering: str

    def message(self, extra: Mapping[str, str], missing: str) -> bytes:
        """A text message, with fields added or left out."""
        fields = {
            "ToUserName": "gh_camellia",
            "FromUserName": OPENID,
            "CreateTime": "1794362400",
            "MsgType": "text",
            "Content": "龙井有新茶吗",
            "MsgId": "24000000001",
            **extra,
        }
        fields.pop(missing, None)
        return to_xml(fields).encode()

    def event(self, extra: Mapping[str, str], missing: str) -> bytes:
        """Somebody comes in: by following, or by entering the conversation."""
        fields = {
            "ToUserName": "gh_camellia",
            "FromUserName": OPENID,
            "CreateTime": "1794362400",
            "MsgType": "event",
            "Event": self.entering,
            **extra,
        }
        fields.pop(missing, None)
        return to_xml(fields).encode()

    def seal(self, plain: bytes, now: datetime, *, receiver: str = "") -> CallbackRequest:
        """A plain message as the platform sends it."""
        fields = self.account.fields
        receiver = receiver or self.account.remote_id
        encrypted = encrypt(load_aes_key(fields["aes_key"]), plain, receiver)
        stamp = str(int(now.timestamp()))
        query = {
            "signature": sign_plain(fields["token"], stamp, "nonce1"),
            "timestamp": stamp,
            "nonce": "nonce1",
            "openid": OPENID,
            "encrypt_type": "aes",
            "msg_signature": sign(fields["token"], stamp, "nonce1", encrypted),
        }
        body = to_xml({"ToUserName": "gh_camellia", "Encrypt": encrypted}).encode()
        return CallbackRequest("POST", query, {"content-type": "text/xml"}, body)

    def tampered(self, good: CallbackRequest) -> list[CallbackRequest]:
        """Callbacks that must be refused."""
        changes = [
            ("msg_signature", "0" * 40),
            ("msg_signature", ""),
            ("msg_signature", "é"),
            ("timestamp", str(int(good.query["timestamp"]) + 1)),
            ("timestamp", "١٢٣"),
            ("nonce", "nonce2"),
        ]
        changed = [replace(good, query={**good.query, name: value}) for name, value in changes]
        dropped = [
            replace(good, query={key: value for key, value in good.query.items() if key != name})
            for name in ("msg_signature", "timestamp", "nonce")
        ]
        bodies = [
            replace(good, body=good.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")),
            replace(good, body=b"<xml></xml>"),
            replace(good, body=b""),
            replace(good, body=self.message({}, "")),
        ]
        return [*changed, *dropped, *bodies]
