"""WeChat Pay's part of the conformance suite, and what its own tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from siyu.kernel.errors import (
    PlatformRefused,
    Reauth,
    UnknownOutcome,
    WaitUntil,
)
from siyu.platforms.wechat_pay.check import WechatPayCheck
from siyu.platforms.wechat_pay.crypto import seal
from siyu.platforms.wechat_pay.sandbox.books import PlatformKey, make_key
from siyu.platforms.wechat_pay.sandbox.notices import signed_headers
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Connector
from siyu.ports.http import HttpAnswer
from siyu.ports.payments import Payout, PayoutResult
from siyu.ports.sandbox import Sandbox
from siyu.ports.testing.kit import Kit
from siyu.ports.testing.scripted import SentRequest

MCHID = "1900000109"
APPID = "wxd678efh567hg6787"
API_KEY = "0123456789abcdef0123456789ABCDEF"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
CERTIFICATES = "GET /v3/certificates"
TRANSFER = "POST /v3/fund-app/mch-transfer/transfer-bills"
QUERY = "GET /v3/pay/transactions/out-trade-no/siyu00selfcheck00"
NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
PAID = {
    "mchid": MCHID,
    "appid": APPID,
    "out_trade_no": "SCJ0000001",
    "transaction_id": "4200001",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "success_time": "2026-11-11T09:59:30+08:00",
    "attach": "悄悄话",
    "payer": {"openid": OPENID},
    "amount": {"total": 16800, "payer_total": 15800, "currency": "CNY"},
}


@cache
def merchant_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def platform_key(number: int = 1) -> PlatformKey:
    return make_key(NOW - timedelta(days=30), number)


def private_pem() -> str:
    return (
        merchant_key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def public_pem() -> str:
    return (
        merchant_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


ACCOUNT = AccountConfig(
    key=f"wechat_pay:{MCHID}",
    platform="wechat_pay",
    remote_id=MCHID,
    name="山茶记",
    base_url="https://api.mch.weixin.qq.com",
    fields={
        "mchid": MCHID,
        "appid": APPID,
        "serial_no": SERIAL,
        "private_key": private_pem(),
        "api_v3_key": API_KEY,
    },
)


def certificates(*numbers: int) -> dict[str, Any]:
    """The plain body of /v3/certificates with these keys."""
    data = []
    for number in numbers:
        key = platform_key(number)
        sealed = seal(API_KEY.encode(), key.pem.encode(), "certificate1", "certificate")
        data.append(
            {
                "serial_no": key.serial,
                "effective_time": f"2026-10-{number:02d}T10:00:00+08:00",
                "expire_time": key.ends_at.isoformat(),
                "encrypt_certificate": {"algorithm": "AEAD_AES_256_GCM", **sealed._asdict()},
            }
        )
    return {"data": data}


def answer(body: Any, status: int = 200, *, key: int = 1, at: datetime = NOW) -> HttpAnswer:
    """An answer as WeChat Pay signs it."""
    raw = b"" if body is None else msgspec.json.encode(body)
    headers = signed_headers(platform_key(key), raw, str(int(at.timestamp())))
    return HttpAnswer(status, {name.lower(): value for name, value in headers.items()}, raw)


def event(extra: Mapping[str, str], missing: str) -> bytes:
    """A payment's notice, opened."""
    resource = {name: value for name, value in {**PAID, **extra}.items() if name != missing}
    return opened("TRANSACTION.SUCCESS", resource)


def opened(kind: str, resource: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(
        {
            "id": "EV-1",
            "event_type": kind,
            "resource": resource,
            "create_time": "2026-11-11T10:00:00+08:00",
        }
    )


def sealed(body: bytes, now: datetime = NOW, *, key: int = 1) -> CallbackRequest:
    """An opened notice as it comes over the wire."""
    said = msgspec.json.decode(body)
    plain = msgspec.json.encode(said.pop("resource"))
    secret = seal(API_KEY.encode(), plain, "fdasflkja484", "transaction")
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "original_type": "transaction",
        **secret._asdict(),
    }
    whole = {
        **said,
        "resource_type": "encrypt-resource",
        "summary": "支付成功",
        "resource": resource,
    }
    return signed(msgspec.json.encode(whole), now, key=key)


def signed(body: bytes, now: datetime = NOW, *, key: int = 1) -> CallbackRequest:
    headers = signed_headers(platform_key(key), body, str(int(now.timestamp())))
    return CallbackRequest("POST", {}, headers, body)


def tampered(good: CallbackRequest) -> list[CallbackRequest]:
    def headers(**changed: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in changed.items()}
        return {**good.headers, **{f"Wechatpay-{name}": value for name, value in named.items()}}

    foreign = sealed(opened("TRANSACTION.SUCCESS", {**PAID, "mchid": "1900000999"}))
    broken = msgspec.json.decode(good.body)
    broken["resource"]["ciphertext"] = broken["resource"]["ciphertext"][:-8] + "AAAAAAA="
    signature = good.headers["Wechatpay-Signature"]
    return [
        replace(good, headers={}),
        replace(good, headers=headers(Signature="")),
        replace(good, headers=headers(Signature="é")),
        replace(good, headers=headers(Signature=f"WECHATPAY/SIGNTEST/{signature}")),
        replace(good, headers=headers(Serial="7777777777")),
        replace(good, headers=headers(Nonce="another")),
        replace(good, headers=headers(Timestamp="x")),
        replace(good, headers=headers(Timestamp=str(int(NOW.timestamp()) - 1))),
        sealed(event({}, ""), NOW - timedelta(seconds=300)),
        sealed(event({}, ""), NOW + timedelta(seconds=300)),
        replace(good, body=good.body + b" "),
        signed(msgspec.json.encode(broken)),
        signed(good.body.replace(b"AEAD_AES_256_GCM", b"AEAD_SM4_GCM")),
        signed(good.body + good.body),
        signed(b"[]"),
        foreign,
    ]


def error(code: str) -> HttpAnswer:
    status = {"SIGN_ERROR": 401, "NO_AUTH": 403, "NOT_ENOUGH": 403, "RATELIMIT_EXCEEDED": 429}
    return answer({"code": code, "message": "failed"}, status.get(code, 400))


def payout(reason: str = "老客介绍新客", **more: Any) -> Payout:
    values: dict[str, Any] = {
        "bill_no": "R1",
        "recipient": OPENID,
        "amount_fen": 500,
        "remark": "谢谢您的推荐",
        "activity": "老带新",
        **more,
    }
    return Payout(reason=reason, **values)


def send(connector: Connector, text: str) -> PayoutResult:
    assert connector.rewards is not None
    return connector.rewards.pay(payout(text))


def text_of(sent: SentRequest) -> str:
    return str(sent.json["transfer_scene_report_infos"][1]["info_content"])


def read(connector: Connector) -> None:
    assert isinstance(connector.check, WechatPayCheck)
    connector.check.probe()


def merchant(**more: Any) -> dict[str, Any]:
    """The merchant of ACCOUNT as the sandbox wants to know it."""
    known = ("mchid", "appid", "serial_no", "api_v3_key")
    return {
        **{name: ACCOUNT.fields[name] for name in known},
        "merchant_key": public_pem(),
        "callback_url": "http://127.0.0.1:8000/p",
        **more,
    }


def set_up(sandbox: Sandbox) -> None:
    """The merchant of ACCOUNT."""
    sandbox.control("configure", merchant())


def stir(sandbox: Sandbox) -> None:
    sandbox.control("pay", {"out_trade_no": "SCJ0000009", "person": "p1", "amount_fen": 16800})
    sandbox.control("refund", {"out_trade_no": "SCJ0000009", "amount_fen": 800})


KIT = Kit(
    account=ACCOUNT,
    token_call=CERTIFICATES,
    token_answer=lambda _: certificates(1),
    has_tokens=False,
    read=read,
    read_call=QUERY,
    read_answer=answer({"code": "ORDER_NOT_EXIST", "message": ""}, 404),
    error=error,
    expired="SIGN_ERROR",
    codes={
        "RATELIMIT_EXCEEDED": WaitUntil,
        "SYSTEM_ERROR": UnknownOutcome,
        "SIGN_ERROR": Reauth,
        "NO_AUTH": Reauth,
        "NOT_ENOUGH": PlatformRefused,
        "QUOTA_EXCEED": PlatformRefused,
        "PARAM_ERROR": PlatformRefused,
        "ALREADY_EXISTS": PlatformRefused,
        "SOMETHING_NEW": PlatformRefused,
    },
    send=send,
    send_call=TRANSFER,
    send_answer=answer({"out_bill_no": "R1", "transfer_bill_no": "1", "state": "ACCEPTED"}),
    text_of=text_of,
    max_chars=64,
    event=event,
    missing=("out_trade_no", "trade_state"),
    unknown_event=opened("COUPON.USE", {"coupon_id": "1"}),
    sign=sealed,
    tampered=tampered,
    set_up=set_up,
    stir=stir,
    personal=("悄悄话", OPENID),
)
