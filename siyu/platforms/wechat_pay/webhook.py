"""Verifies, opens and reads WeChat Pay's callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.errors import Forbidden, PlatformError
from siyu.kernel.ids import digest
from siyu.platforms.wechat_pay.client import FRESH_SECONDS, WechatPayClient
from siyu.platforms.wechat_pay.crypto import ALGORITHM, Sealed, is_signed, load_api_key, unseal
from siyu.platforms.wechat_pay.mapping import Origin, map_event
from siyu.platforms.wechat_pay.wire import Event, Notice, read_body
from siyu.ports.capabilities import KEY_UNKNOWN, AccountConfig, CallbackRequest, Verified
from siyu.ports.facts import Fact

JSON = "application/json; charset=utf-8"
PROBE = "WECHATPAY/SIGNTEST/"
"""How the signature begins that WeChat Pay makes wrong on purpose, to see it refused (merchant
documentation, signature probes)."""


class WechatPayWebhook:
    """Callbacks of one merchant. Repeats are recognised by the notice's id and its content, also
    when it is dated or sealed anew."""

    def __init__(self, account: AccountConfig, client: WechatPayClient) -> None:
        self._account = account
        self._client = client
        self._key = load_api_key(account.fields["api_v3_key"])

    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        """Forbidden when signature, time, key or seal is wrong; Refused when malformed.

        A serial number we do not have is Forbidden with code `KEY_UNKNOWN`: see `learn_keys`.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._check(headers, request.body, now)
        notice = read_body(request.body, Notice)
        if notice.resource.algorithm != ALGORITHM:
            raise Forbidden("callback.algorithm", "回调使用了未知的加密算法")
        sealed = notice.resource
        plain = unseal(self._key, Sealed(sealed.ciphertext, sealed.nonce, sealed.associated_data))
        resource = read_body(plain, dict)
        event = Event(
            id=notice.id,
            event_type=notice.event_type,
            create_time="" if _is_dated(resource) else notice.create_time,
            resource=resource,
        )
        body = msgspec.json.encode(event)
        message_id = digest(body).hex()
        self.read(body, now, message_id)
        return Verified(b"", JSON, body=body, message_id=message_id)

    def read(self, body: bytes, received_at: datetime, message_id: str) -> list[Fact]:
        """See `Webhook.read`; `body` is the opened notice that `verify` gave."""
        origin = Origin(self._account, received_at, message_id)
        return map_event(read_body(body, Event), origin)

    def learn_keys(self, request: CallbackRequest) -> bool:
        """After KEY_UNKNOWN: download the certificates; whether the serial is known now."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            return self._client.learn_keys(headers.get("wechatpay-serial", ""))
        except PlatformError:
            return False

    def refusal(self, reason: str) -> tuple[bytes, str]:
        """What WeChat Pay must hear when a callback is not taken: it will try again."""
        return msgspec.json.encode({"code": "FAIL", "message": reason}), JSON

    def _check(self, headers: dict[str, str], body: bytes, now: datetime) -> None:
        at, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        serial = headers.get("wechatpay-serial", "")
        signature = headers.get("wechatpay-signature", "")
        if signature.startswith(PROBE):
            raise Forbidden("callback.probe", "微信支付的签名探测, 按约定拒绝")
        if not (at.isascii() and at.isdigit() and len(at) < 12 and nonce and serial):
            raise Forbidden("callback.signature", "回调缺少签名")
        if abs(now.timestamp() - int(at)) >= FRESH_SECONDS:
            raise Forbidden("callback.stale", "回调时间与本机相差超过 5 分钟, 请核对服务器时钟")
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise Forbidden("callback.signature", "回调签名不符") from error
        key = self._client.keys.find(serial)
        if key is None:
            raise Forbidden(KEY_UNKNOWN, "回调由未知的平台证书签名")
        if not is_signed(key, signature, at, nonce, text):
            raise Forbidden("callback.signature", "回调签名不符")


def _is_dated(resource: Mapping[str, Any]) -> bool:
    """Whether a resource says itself when it happened: the notice's date is not needed then, and
    may be another when the notice comes again."""
    return any(resource.get(name) for name in ("success_time", "update_time"))
