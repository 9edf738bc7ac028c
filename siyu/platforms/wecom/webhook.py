"""Callbacks: URL check, signature, envelope, events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden, Refused
from siyu.kernel.ids import digest
from siyu.platforms.wecom.crypto import BadEnvelope, decrypt, is_signed, load_aes_key
from siyu.platforms.wecom.mapping import Arrival, event_facts
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Verified
from siyu.ports.facts import Fact

FRESH = timedelta(seconds=300)
MAX_BODY = 1024 * 1024
DONE = b"success"


class WecomWebhook:
    """The callback URL of one corp and app."""

    def __init__(self, account: AccountConfig) -> None:
        self._account = account

    @cached_property
    def _key(self) -> bytes:
        return load_aes_key(self._account.fields.get("aes_key", ""))

    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        """Signature, freshness, receiver; one same Forbidden whichever is wrong.

        Refused when the body is no XML envelope. `message_id` is a hash of the decrypted
        message: the platform gives events no id of their own. What is inside is read later, so
        that an event is acknowledged and kept even when we cannot make sense of it.
        """
        if request.method == "GET":
            plain = self._open(request.query, request.query.get("echostr", ""), now)
            return Verified(plain)
        if len(request.body) > MAX_BODY:
            raise Refused("wecom.body", "回调超过 1 MiB", field="body")
        encrypted = _text(_parse(request.body), "Encrypt")
        plain = self._open(request.query, encrypted, now)
        message_id = hashlib.sha256(plain).hexdigest()[:32]
        return Verified(DONE, body=plain, message_id=message_id)

    def read(self, body: bytes, received_at: datetime, message_id: str) -> list[Fact]:
        """See `Webhook.read`; Refused when a field of a known event is missing."""
        event = _fields(_parse(body))
        return event_facts(event, self._account, Arrival(to_ms(received_at), message_id))

    def _open(self, query: Mapping[str, str], encrypted: str, now: datetime) -> bytes:
        timestamp = query.get("timestamp", "")
        is_right = is_signed(
            query.get("msg_signature", ""),
            token=self._account.fields.get("token", ""),
            timestamp=timestamp,
            nonce=query.get("nonce", ""),
            encrypted=encrypted,
        )
        if not (is_right and _is_fresh(timestamp, now)):
            raise _forbidden()
        try:
            return decrypt(self._key, encrypted, self._account.remote_id)
        except BadEnvelope as error:
            raise _forbidden() from error


def _forbidden() -> Forbidden:
    return Forbidden(
        "wecom.callback", "回调校验失败: 请核对 Token、EncodingAESKey、企业 ID 与服务器时间"
    )


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 11:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()


def _parse(body: bytes) -> Element:
    """The root of a document without DTD, entities or external references."""
    try:
        body.decode("utf-8")
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        mark = digest(body).hex()
        raise Refused("wecom.xml", f"回调不是合法的 XML ({mark})", field="body") from error
    return root


def _fields(root: Element) -> dict[str, str]:
    """Tag → text; the texts of a tag that is there again and again are joined by commas."""
    fields: dict[str, str] = {}
    for child in root:
        words = _words(child)
        fields[child.tag] = f"{fields[child.tag]},{words}" if child.tag in fields else words
    return fields


def _words(element: Element) -> str:
    """The element's text, or the texts of its items joined by commas."""
    if len(element):
        return ",".join((item.text or "").strip() for item in element)
    return (element.text or "").strip()


def _text(root: Element, tag: str) -> str:
    found = root.findtext(tag)
    if not found or not found.strip():
        raise Refused("wecom.xml", f"回调缺少 {tag}", field=tag)
    return found.strip()
