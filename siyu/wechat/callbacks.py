"""Callbacks of official accounts, mini programs and stores: signature, safe mode, repeats."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden, Refused
from siyu.kernel.ids import digest
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Verified
from siyu.ports.facts import Fact
from siyu.wechat.bodies import read_body, to_xml
from siyu.wechat.envelope import BadEnvelope, decrypt, encrypt, is_signed, load_aes_key, sign
from siyu.wechat.origin import Origin

FRESH = timedelta(seconds=300)
DONE = b"success"
XML = "text/xml; charset=utf-8"
ReadEvent = Callable[[Mapping[str, Any], Origin], list[Fact]]
_sorted_json = msgspec.json.Encoder(order="sorted").encode


def sign_plain(token: str, timestamp: str, nonce: str) -> str:
    """`signature` of a callback: hex SHA-1 over the three texts, sorted. It covers no body."""
    parts = sorted(text.encode() for text in (token, timestamp, nonce))
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()


class WechatCallbacks:
    """The `Webhook` of one app.

    With an EncodingAESKey only safe mode is accepted, because in plain mode the signature does
    not cover the body. `read_event` turns a message's fields into facts.
    """

    def __init__(self, account: AccountConfig, read_event: ReadEvent) -> None:
        self._account = account
        self._read_event = read_event

    @cached_property
    def _key(self) -> bytes:
        return load_aes_key(self._account.fields["aes_key"])

    @property
    def is_safe_mode(self) -> bool:
        """Whether bodies are encrypted."""
        return bool(self._account.fields.get("aes_key"))

    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        """Signature, freshness and receiver; one same Forbidden whichever is wrong.

        A message is known by its MsgId, an event by all it says: the same person, second and
        event again is a repeat, as the platform advises.
        """
        if request.method == "GET":
            self._check_plain(request.query, now)
            if not request.query.get("echostr"):
                raise _forbidden()
            return Verified(request.query["echostr"].encode())
        fields = read_body(request.body)
        if self.is_safe_mode:
            body = self._open(request.query, str(fields.get("Encrypt") or ""), now)
            fields = read_body(body)
        else:
            self._check_plain(request.query, now)
            body = request.body
        return Verified(DONE, body=body, message_id=message_id(fields))

    def read(self, body: bytes, received_at: datetime, message_id: str) -> list[Fact]:
        """See `Webhook.read`; Refused when a field of a known event is missing."""
        origin = Origin(self._account, to_ms(received_at), message_id)
        return self._read_event(read_body(body), origin)

    def seal_reply(self, reply: Mapping[str, Any], now: datetime) -> bytes:
        """A passive reply as the platform wants to hear it: sealed in safe mode."""
        plain = to_xml(reply)
        if not self.is_safe_mode:
            return plain.encode()
        timestamp, nonce = str(int(now.timestamp())), os.urandom(6).hex()
        encrypted = encrypt(self._key, plain.encode(), self._account.remote_id)
        signature = sign(self._token, timestamp, nonce, encrypted)
        sealed = {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": int(timestamp)}
        return to_xml({**sealed, "Nonce": nonce}).encode()

    @property
    def _token(self) -> str:
        return self._account.fields.get("token", "")

    def _check_plain(self, query: Mapping[str, str], now: datetime) -> None:
        timestamp = query.get("timestamp", "")
        expected = sign_plain(self._token, timestamp, query.get("nonce", ""))
        given = query.get("signature", "")
        is_right = hmac.compare_digest(expected.encode(), given.encode())
        if not (is_right and self._token and _is_fresh(timestamp, now)):
            raise _forbidden()

    def _open(self, query: Mapping[str, str], encrypted: str, now: datetime) -> bytes:
        timestamp = query.get("timestamp", "")
        is_right = is_signed(
            query.get("msg_signature", ""),
            token=self._token,
            timestamp=timestamp,
            nonce=query.get("nonce", ""),
            encrypted=encrypted,
        )
        if not (is_right and encrypted and _is_fresh(timestamp, now)):
            raise _forbidden()
        try:
            return decrypt(self._key, encrypted, self._account.remote_id)
        except BadEnvelope as error:
            raise _forbidden() from error


def message_id(fields: Mapping[str, Any]) -> str:
    """The same for all deliveries of one message, XML or JSON."""
    number = fields.get("MsgId")
    if number and fields.get("MsgType") != "event":
        return f"msg:{number}"[:128]
    return f"evt:{digest(_sorted_json(fields)).hex()}"


def _forbidden() -> Forbidden:
    return Forbidden(
        "callback.signature", "回调校验失败: 请核对 Token、EncodingAESKey、AppID 与服务器时间"
    )


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 11:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()


def required(fields: Mapping[str, Any], name: str) -> str:
    """A field as text; Refused when it is missing."""
    value = fields.get(name)
    if value is None or value == "" or isinstance(value, dict | list):
        raise Refused("callback.event", f"回调缺少 {name}", field=name)
    return str(value)
