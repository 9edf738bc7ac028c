"""Callbacks of an app: plain or sealed, XML or JSON; and the passive replies they bring back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.ports.sandbox import Callback, World
from siyu.wechat.bodies import read_body, to_xml
from siyu.wechat.callbacks import sign_plain
from siyu.wechat.envelope import BadEnvelope, decrypt, encrypt, load_aes_key, sign
from siyu.wechat.sandbox.books import App
from siyu.wechat.sandbox.uploads import is_living

ATTEMPTS, STORE_ATTEMPTS = 3, 10
"""Deliveries of a message; of an event of a store (微信小店: at once, at once, after 10 s, 1 min …)."""
STORE_EVENT = "channels_ec_"
TIMEOUT = 5.0
SILENT = frozenset({b"", b"success"})


def emit(world: World, app: App, openid: str, fields: Mapping[str, Any]) -> None:
    """Hand one message or event to the postman; nothing when the app has no callback URL."""
    app.counts["events"] += 1
    if not app.callback_url:
        return
    head = {
        "ToUserName": app.original_id,
        "FromUserName": openid,
        "CreateTime": int(world.clock.now().timestamp()),
    }
    message = {**head, **fields}
    is_json = app.body_format == "json"
    plain = msgspec.json.encode(message) if is_json else to_xml(message).encode()
    is_store = str(message.get("Event", "")).startswith(STORE_EVENT)
    attempts = STORE_ATTEMPTS if is_store else ATTEMPTS
    world.deliver(seal(world, app, plain, openid, attempts))


def seal(world: World, app: App, plain: bytes, openid: str, attempts: int = ATTEMPTS) -> Callback:
    """The callback of a message as the app's settings want it."""
    timestamp = str(int(world.clock.now().timestamp()))
    nonce = str(world.chance.randrange(10**9))
    query = {
        "signature": sign_plain(app.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    body = plain
    if app.aes_key:
        random = world.chance.randbytes(16)
        encrypted = encrypt(load_aes_key(app.aes_key), plain, app.appid, random=random)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": sign(app.token, timestamp, nonce, encrypted),
        }
        envelope = {"ToUserName": app.original_id, "Encrypt": encrypted}
        is_json = app.body_format == "json"
        body = msgspec.json.encode(envelope) if is_json else to_xml(envelope).encode()
    kind = "application/json" if app.body_format == "json" else "text/xml"
    return Callback(
        url=app.callback_url,
        body=body,
        query=query,
        headers={"content-type": kind},
        attempts=attempts,
        timeout=TIMEOUT,
    )


def read_reply(app: App, body: bytes, now: datetime) -> tuple[str, str] | None:
    """To whom and what a passive reply says; None for no reply. Refused when malformed."""
    if body.strip() in SILENT:
        return None
    fields = read_body(body)
    if app.aes_key:
        given, stamp = str(fields.get("MsgSignature", "")), str(fields.get("TimeStamp", ""))
        encrypted = str(fields.get("Encrypt", ""))
        if given != sign(app.token, stamp, str(fields.get("Nonce", "")), encrypted):
            raise Refused("sandbox.reply", "被动回复的签名不符", field="MsgSignature")
        try:
            fields = read_body(decrypt(load_aes_key(app.aes_key), encrypted, app.appid))
        except BadEnvelope as error:
            raise Refused("sandbox.reply", "被动回复无法解密", field="Encrypt") from error
    if fields.get("FromUserName") != app.original_id:
        raise Refused("sandbox.reply", "被动回复的 FromUserName 不是本账号", field="FromUserName")
    return str(fields.get("ToUserName", "")), _words(app, fields, now)


def url_check(world: World, app: App) -> dict[str, str]:
    """The query of the GET with which the platform checks a callback URL."""
    timestamp = str(int(world.clock.now().timestamp()))
    nonce = str(world.chance.randrange(10**9))
    return {
        "signature": sign_plain(app.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": str(world.chance.randrange(10**18)),
    }


def _words(app: App, fields: Mapping[str, Any], now: datetime) -> str:
    kind = fields.get("MsgType")
    if kind == "text":
        return str(fields.get("Content", ""))
    if kind == "news":
        return str(fields["Articles"]["item"]["Title"])
    if kind == "image":
        media_id = str(fields["Image"]["MediaId"])
        if not is_living(app, media_id, now):
            raise Refused("sandbox.reply", "被动回复的素材无效", field="MediaId")
        return f"[image {media_id}]"
    raise Refused("sandbox.reply", f"被动回复的类型 {kind} 无效", field="MsgType")
