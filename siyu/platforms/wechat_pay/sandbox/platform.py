"""The platform's front door: signatures, limits, dispatch, signed answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.platforms.wechat_pay.crypto import (
    SCHEME,
    is_signed,
    load_api_key,
    load_public_key,
    seal,
)
from siyu.platforms.wechat_pay.sandbox import orders, payouts
from siyu.platforms.wechat_pay.sandbox.books import (
    Fault,
    Merchant,
    PlatformKey,
    make_key,
    make_public_key,
    rfc3339,
)
from siyu.platforms.wechat_pay.sandbox.controls import OPERATIONS, People, counts
from siyu.platforms.wechat_pay.sandbox.notices import signed_headers
from siyu.platforms.wechat_pay.sandbox.orders import Call
from siyu.ports.sandbox import (
    Callback,
    Operation,
    Trouble,
    WireAnswer,
    WireRequest,
    World,
    describe_operations,
)

FRESH_SECONDS = 300
ROUTES = [
    (method, re.compile(pattern), run)
    for (method, pattern), run in {**orders.CALLS, **payouts.CALLS}.items()
]
_GIVEN = re.compile(r'(\w+)="([^"]*)"')


class WechatPaySandbox:
    """WeChat Pay itself, small; see the package's docstring."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._merchants: dict[str, Merchant] = {}
        self._current = ""
        self._keys: list[PlatformKey] = []
        self._hidden: set[str] = set()
        self._public: PlatformKey | None = None

    # the wire

    def answer(self, request: WireRequest) -> WireAnswer:
        """See `Sandbox.answer`: HTTP status, and `code` and `message` when refused."""
        merchant: Merchant | None = None
        try:
            merchant = self._authorise(request)
            self._limit(merchant)
            status, body = self._run(merchant, request)
        except Fault as fault:
            status, body = fault.status, _said(fault)
        return self._signed(merchant, status, body, is_file=isinstance(body, bytes))

    def trouble(self, kind: Trouble, request: WireRequest) -> WireAnswer | None:
        """See `Sandbox.trouble`."""
        fault = {
            Trouble.TOKEN_REJECTED: Fault(401, "SIGN_ERROR", "签名错误"),
            Trouble.RATE_LIMITED: Fault(429, "RATELIMIT_EXCEEDED", "频率限制"),
            Trouble.BUSY: Fault(500, "SYSTEM_ERROR", "系统错误"),
        }[kind]
        merchant = self._merchants.get(_given(request).get("mchid", ""))
        return self._signed(merchant, fault.status, _said(fault), is_file=False)

    def is_acknowledged(self, callback: Callback, status: int, body: bytes) -> bool:  # noqa: ARG002
        """See `Sandbox.is_acknowledged`: 200 or 204."""
        return status in {200, 204}

    # the people

    def operations(self) -> list[Operation]:
        """See `OffersControls.operations`."""
        rotate = {"rotate_certificate": WechatPaySandbox.rotate_certificate}
        return describe_operations({**OPERATIONS, **rotate})

    def control(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """See `Sandbox.control`; acts on `mchid`, or on the merchant configured last."""
        rest = dict(arguments)
        if operation == "configure":
            return self._configure(**rest)
        merchant = self._merchants.get(rest.pop("mchid", self._current))
        if merchant is None:
            raise Refused("sandbox.merchant", "no such merchant: configure it first", field="mchid")
        run = OPERATIONS.get(operation)
        try:
            if operation == "rotate_certificate":
                return self.rotate_certificate(**rest)
            if run is None:
                raise Refused("sandbox.operation", f"no such operation {operation!r}")
            return run(People(self._world, merchant, self._key_of(merchant)), **rest)
        except (TypeError, KeyError) as error:
            raise Refused("sandbox.arguments", f"{operation}: {error}") from error
        except Fault as fault:
            raise Refused(f"sandbox.{fault.code.lower()}", fault.message) from fault

    def rotate_certificate(self, *, is_announced: bool = True) -> Any:
        """Sign with a new certificate from now on; unannounced, it is not offered for download."""
        key = make_key(self._world.clock.now(), len(self._keys) + 1)
        self._keys.append(key)
        if not is_announced:
            self._hidden.add(key.serial)
        return {"serial_no": key.serial}

    def witness(self) -> dict[str, int]:
        """See `Sandbox.witness`: the counters of all merchants added up."""
        total: dict[str, int] = {}
        for merchant in self._merchants.values():
            for name, value in counts(merchant).items():
                total[name] = total.get(name, 0) + value
        return total

    def _configure(
        self,
        *,
        mchid: str,
        appid: str,
        serial_no: str,
        merchant_key: str,
        api_v3_key: str,
        callback_url: str = "",
        is_public_key: bool = False,
    ) -> Any:
        now = self._world.clock.now()
        if not self._keys:
            self._keys.append(make_key(now, 1))
        if is_public_key and self._public is None:
            self._public = make_public_key(now)
        key, secret = load_public_key(merchant_key), load_api_key(api_v3_key)
        merchant = self._merchants.setdefault(mchid, Merchant(mchid, appid, serial_no, key, secret))
        merchant.appid, merchant.serial_no = appid, serial_no.upper()
        merchant.key, merchant.api_v3_key = key, secret
        merchant.callback_url, merchant.is_public_key = callback_url, is_public_key
        self._current = mchid
        public = self._public if is_public_key else None
        return {
            "mchid": mchid,
            "serial_no": self._keys[-1].serial,
            "public_key_id": public.serial if public else "",
            "public_key": public.pem if public else "",
        }

    # inside

    def _run(self, merchant: Merchant, request: WireRequest) -> tuple[int, Any]:
        if request.path == "/v3/certificates":
            return 200, self._certificates(merchant)
        for method, pattern, run in ROUTES:
            found = pattern.fullmatch(request.path)
            if found is None or request.method != method:
                continue
            call = Call(
                world=self._world,
                merchant=merchant,
                key=self._key_of(merchant),
                platform_keys=(*self._keys, *filter(None, (self._public,))),
                query=request.query,
                body=_json(request),
                path=found.groups(),
                origin=_origin(request),
                serial=request.headers.get("wechatpay-serial", ""),
            )
            body = run(call)
            return (204, None) if body is None else (200, body)
        raise Fault(404, "RESOURCE_NOT_EXISTS", "请求的接口不存在")

    def _certificates(self, merchant: Merchant) -> dict[str, Any]:
        if merchant.is_public_key:
            raise Fault(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书, 请使用微信支付公钥")
        data = []
        for number, key in enumerate(self._keys):
            if key.serial in self._hidden:
                continue
            nonce = f"cert{number:08d}"
            sealed = seal(merchant.api_v3_key, key.pem.encode(), nonce, "certificate")
            data.append(
                {
                    "serial_no": key.serial,
                    "effective_time": rfc3339(key.starts_at),
                    "expire_time": rfc3339(key.ends_at),
                    "encrypt_certificate": {
                        "algorithm": "AEAD_AES_256_GCM",
                        "nonce": nonce,
                        "associated_data": "certificate",
                        "ciphertext": sealed.ciphertext,
                    },
                }
            )
        return {"data": data}

    def _authorise(self, request: WireRequest) -> Merchant:
        given = _given(request)
        merchant = self._merchants.get(given.get("mchid", ""))
        if merchant is None:
            raise Fault(401, "SIGN_ERROR", "商户号不存在或缺少签名")
        merchant.calls[request.path.rpartition("?")[0] or request.path] += 1
        at = given.get("timestamp", "")
        now = self._world.clock.now()
        is_fresh = at.isdigit() and abs(now.timestamp() - int(at)) < FRESH_SECONDS
        lines = (request.method, request.target or request.path, at, given.get("nonce_str", ""))
        text = request.body.decode("utf-8", "replace")
        is_ours = given.get("serial_no", "").upper() == merchant.serial_no
        if not (
            is_fresh
            and is_ours
            and is_signed(merchant.key, given.get("signature", ""), *lines, text)
        ):
            merchant.counts["bad_signatures"] += 1
            raise Fault(401, "SIGN_ERROR", "签名错误, 请检查签名串、证书序列号与时间戳")
        return merchant

    def _limit(self, merchant: Merchant) -> None:
        minute = int(self._world.clock.now().timestamp()) // 60
        began, used = merchant.minute
        merchant.minute = (minute, used + 1 if began == minute else 1)
        if merchant.minute[1] > merchant.knobs.per_minute:
            raise Fault(429, "RATELIMIT_EXCEEDED", "频率限制")

    def _key_of(self, merchant: Merchant) -> PlatformKey:
        return self._public if merchant.is_public_key and self._public else self._keys[-1]

    def _signed(
        self, merchant: Merchant | None, status: int, body: Any, *, is_file: bool
    ) -> WireAnswer:
        """An answer with the platform's signature; strangers and files go without."""
        raw = b"" if body is None else body if is_file else msgspec.json.encode(body)
        kind = "application/octet-stream" if is_file else "application/json"
        if merchant is None or is_file:
            return WireAnswer(status=status, body=raw, content_type=kind)
        at = str(int(self._world.clock.now().timestamp()))
        headers = signed_headers(self._key_of(merchant), raw, at)
        headers.pop("Content-Type")
        return WireAnswer(status=status, body=raw, content_type=kind, headers=headers)


def _given(request: WireRequest) -> dict[str, str]:
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return dict(_GIVEN.findall(rest)) if scheme == SCHEME else {}


def _json(request: WireRequest) -> Mapping[str, Any]:
    if request.method == "GET" or not request.body:
        return {}
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Fault(400, "PARAM_ERROR", "请求体不是有效的 JSON") from error


def _origin(request: WireRequest) -> str:
    host = request.headers.get("host", "")
    return f"http://{host}/wechat_pay" if host else "https://api.mch.weixin.qq.com"


def _said(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "message": fault.message}
