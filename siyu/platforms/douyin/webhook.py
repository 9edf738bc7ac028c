"""Verifies and reads Douyin's webhooks."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

import msgspec

from siyu.kernel.errors import Forbidden, Refused
from siyu.kernel.ids import digest
from siyu.platforms.douyin.mapping import Origin, map_event
from siyu.platforms.douyin.wire import read_envelope
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Verified
from siyu.ports.facts import Fact

SIGNATURE = "x-douyin-signature"
JSON = "application/json; charset=utf-8"


def sign(client_secret: str, body: bytes) -> str:
    """Hex SHA-1 over the secret and the raw body, as Douyin signs webhooks."""
    return hashlib.sha1(client_secret.encode() + body, usedforsecurity=False).hexdigest()


class DouyinWebhook:
    """Webhooks of one application.

    The `Msg-Id` header is not signed, so repeats are recognised by the signed body itself.
    """

    def __init__(self, account: AccountConfig) -> None:
        self._account = account

    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        """Forbidden when the signature or application is wrong; Refused when malformed."""
        given = {name.lower(): value for name, value in request.headers.items()}.get(SIGNATURE, "")
        expected = sign(self._account.fields["client_secret"], request.body)
        if not hmac.compare_digest(expected.encode(), given.lower().encode()):
            raise Forbidden("callback.signature", "抖音回调签名不符, 请核对 Client Secret")
        envelope = read_envelope(request.body)
        if envelope.client_key and envelope.client_key != self._account.fields["client_key"]:
            raise Forbidden("callback.client_key", "回调属于另一个应用")
        if envelope.event == "verify_webhook":
            return Verified(_challenge(envelope.content), JSON)
        message_id = digest(request.body).hex()
        self.read(request.body, now, message_id)
        return Verified(
            b'{"err_no":0,"err_tips":"success"}', JSON, body=request.body, message_id=message_id
        )

    def read(self, body: bytes, received_at: datetime, message_id: str) -> list[Fact]:
        """See `Webhook.read`."""
        origin = Origin(
            account=self._account.key,
            client_key=self._account.fields["client_key"],
            open_id=self._account.fields.get("open_id", ""),
            received_at=received_at,
            message_id=message_id,
        )
        return map_event(read_envelope(body), origin)


def _challenge(content: object) -> bytes:
    """The answer to the URL check: the same challenge."""
    try:
        asked = msgspec.json.decode(content) if isinstance(content, str) else content
    except msgspec.MsgspecError as error:
        raise Refused("callback.content", "URL 校验缺少 challenge", field="content") from error
    if not isinstance(asked, dict) or "challenge" not in asked:
        raise Refused("callback.content", "URL 校验缺少 challenge", field="content")
    return msgspec.json.encode({"challenge": asked["challenge"]})
