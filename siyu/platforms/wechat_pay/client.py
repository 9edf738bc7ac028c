"""One thin method per remote call of WeChat Pay v3; every answer is verified before use."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, RetryLater, UnknownOutcome
from siyu.platforms.wechat_pay.crypto import (
    SCHEME,
    encrypt_field,
    is_signed,
    load_private_key,
    sign,
)
from siyu.platforms.wechat_pay.errors import make_error
from siyu.platforms.wechat_pay.keys import PlatformKeys, learn_quietly
from siyu.ports.capabilities import AccountConfig, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor

FRESH_SECONDS = 300
"""Answers and callbacks older or newer than this are not believed (wechatpay-go, 2025-07)."""
TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"
GUIDES = "/v3/smartguide/guides"


class WechatPayClient:
    """Calls in the name of one merchant."""

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self.keys = PlatformKeys(account, clock, tokens)
        self.clock = clock
        self._http = http
        self._key = load_private_key(account.fields["private_key"])

    # certificates

    def get_certificates(self) -> dict[str, Any]:
        """GET /v3/certificates. Its answer carries the keys that verify it, so what is believed
        is only what the APIv3 key decrypts."""
        answer = self._send("GET", "/v3/certificates", None, is_safe=True, serial="")
        return self._read(answer, is_safe=True)

    def learn_keys(self, serial: str = "") -> bool:
        """Download certificates when there are none or `serial` is unknown; see `PlatformKeys`."""
        return self.keys.learn(self.get_certificates, unknown=serial)

    # orders

    def create_order(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v3/pay/transactions/{native,jsapi}: `code_url` or `prepay_id`."""
        return self._call("POST", f"/v3/pay/transactions/{kind}", body)

    def get_order(self, out_trade_no: str) -> dict[str, Any]:
        """GET /v3/pay/transactions/out-trade-no/{no}: the whole transaction."""
        path = f"/v3/pay/transactions/out-trade-no/{quote(out_trade_no, safe='')}"
        return self._call("GET", path, query={"mchid": self.account.fields["mchid"]})

    def get_trade_bill(self, day: str) -> dict[str, Any]:
        """GET /v3/bill/tradebill of one day (`2026-11-20`), all trades, packed:
        hash_type, hash_value, download_url."""
        query = {"bill_date": day, "bill_type": "ALL", "tar_type": "GZIP"}
        return self._call("GET", "/v3/bill/tradebill", query=query)

    def download_bill(self, url: str) -> bytes:
        """The file behind a download_url. Its answer is not signed: compare its hash."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        base = urlsplit(self.account.base_url).path
        answer = self._send("GET", path.removeprefix(base), None, is_safe=True, serial="")
        if answer.status != 200:
            raise self._failure(answer, is_safe=True)
        return answer.body

    # guides

    def create_guide(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v3/smartguide/guides: `guide_id`. `name` and `mobile` are encrypted here."""
        return self._call("POST", GUIDES, self._encrypted(body), is_encrypted=True)

    def update_guide(self, guide_id: str, body: Mapping[str, Any]) -> None:
        """PATCH /v3/smartguide/guides/{guide_id}."""
        path = f"{GUIDES}/{quote(guide_id, safe='')}"
        self._call("PATCH", path, self._encrypted(body), is_encrypted=True)

    def list_guides(self, store_id: str, offset: int, limit: int) -> dict[str, Any]:
        """GET /v3/smartguide/guides of one store: data, total_count."""
        query = {"store_id": store_id, "offset": str(offset), "limit": str(limit)}
        return self._call("GET", GUIDES, query=query)

    def assign_guide(self, guide_id: str, out_trade_no: str) -> None:
        """POST /v3/smartguide/guides/{guide_id}/assign, before the order is paid."""
        path = f"{GUIDES}/{quote(guide_id, safe='')}/assign"
        self._call("POST", path, {"out_trade_no": out_trade_no})

    # transfers

    def create_transfer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST …/transfer-bills: state, transfer_bill_no, package_info."""
        return self._call(
            "POST", TRANSFERS, self._encrypted(body), is_encrypted="user_name" in body
        )

    def get_transfer(self, out_bill_no: str) -> dict[str, Any]:
        """GET …/transfer-bills/out-bill-no/{no}."""
        return self._call("GET", f"{TRANSFERS}/out-bill-no/{quote(out_bill_no, safe='')}")

    def cancel_transfer(self, out_bill_no: str) -> dict[str, Any]:
        """POST …/transfer-bills/out-bill-no/{no}/cancel, while the user has not confirmed."""
        return self._call("POST", f"{TRANSFERS}/out-bill-no/{quote(out_bill_no, safe='')}/cancel")

    # inside

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        is_encrypted: bool = False,
    ) -> dict[str, Any]:
        is_safe = method == "GET"
        if not self.keys.is_pinned:
            self._learn_first()
        whole = f"{path}?{urlencode(query)}" if query else path
        serial = self.keys.newest()[0] if is_encrypted or self.keys.is_pinned else ""
        answer = self._send(method, whole, body, is_safe=is_safe, serial=serial)
        if not self._is_genuine(answer):
            raise self._doubt(answer, is_safe=is_safe)
        return self._read(answer, is_safe=is_safe)

    def _learn_first(self) -> None:
        try:
            self.keys.newest()
        except RetryLater:
            self.learn_keys()

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, is_safe: bool, serial: str
    ) -> HttpAnswer:
        text = b"" if body is None else msgspec.json.encode(body)
        headers = {
            "Authorization": self._authorise(method, path, text.decode()),
            "Accept": "application/json",
            **({"Wechatpay-Serial": serial} if serial else {}),
        }
        return self._http.request(
            method,
            f"{self.account.base_url}{path}",
            json=None if body is None else msgspec.Raw(text),
            headers=headers,
            is_safe=is_safe,
        )

    def _authorise(self, method: str, path: str, body: str) -> str:
        nonce = secrets.token_hex(16).upper()
        at = str(int(self.clock.now().timestamp()))
        signature = sign(self._key, method, path, at, nonce, body)
        fields = self.account.fields
        return (
            f'{SCHEME} mchid="{fields["mchid"]}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{at}",serial_no="{fields["serial_no"]}"'
        )

    def _is_genuine(self, answer: HttpAnswer) -> bool:
        """Whether WeChat Pay signed this answer, just now."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        serial = headers.get("wechatpay-serial", "")
        at, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        if not serial or not at.isascii() or not at.isdigit():
            return False
        if abs(self.clock.now().timestamp() - int(at)) >= FRESH_SECONDS:
            return False
        key = self.keys.find(serial)
        if key is None and learn_quietly(self.keys, self.get_certificates, serial):
            key = self.keys.find(serial)
        signature = headers.get("wechatpay-signature", "")
        try:
            text = answer.body.decode()
        except UnicodeDecodeError:
            return False
        return key is not None and is_signed(key, signature, at, nonce, text)

    def _doubt(self, answer: HttpAnswer, *, is_safe: bool) -> PlatformError:
        """An answer nobody signed. A refused signature of ours is answered so, and no more; that
        we call too often is believed of a read, which a lie would only delay."""
        code = _code(answer)
        if code and (answer.status == 401 or (answer.status == 429 and is_safe)):
            return self._failure(answer, is_safe=is_safe)
        said = f"微信支付的应答 (HTTP {answer.status}) 没有可信的签名"
        if is_safe:
            return RetryLater("wechat_pay.unsigned", said, platform_code=str(answer.status))
        return UnknownOutcome(
            "wechat_pay.unsigned", f"{said}, 不知道是否已执行", platform_code=str(answer.status)
        )

    def _read(self, answer: HttpAnswer, *, is_safe: bool) -> dict[str, Any]:
        if answer.status == 204:
            return {}
        if not 200 <= answer.status < 300:
            raise self._failure(answer, is_safe=is_safe)
        try:
            found = answer.json()
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = None
        if not isinstance(found, dict):
            raise self._doubt(answer, is_safe=is_safe)
        return found

    def _failure(self, answer: HttpAnswer, *, is_safe: bool) -> PlatformError:
        code = _code(answer)
        if not code:
            return self._doubt(HttpAnswer(answer.status, {}, b""), is_safe=is_safe)
        text = str(answer.json().get("message", ""))[:200]
        return make_error(code, text, self.clock.now(), is_safe=is_safe)

    def _encrypted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with name and mobile readable by WeChat Pay only."""
        secret = {"name", "mobile", "user_name"} & {name for name, value in body.items() if value}
        if not secret:
            return dict(body)
        if not self.keys.is_pinned:
            self._learn_first()
        key = self.keys.newest()[1]
        return {
            name: encrypt_field(key, str(value)) if name in secret else value
            for name, value in body.items()
        }


def _code(answer: HttpAnswer) -> str:
    try:
        found = answer.json()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return str(found.get("code", "")) if isinstance(found, dict) else ""
