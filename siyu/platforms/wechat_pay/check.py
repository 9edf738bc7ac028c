"""The self-check of a WeChat Pay account."""

from __future__ import annotations

from siyu.kernel.errors import PlatformError, PlatformRefused, SiyuError
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.platforms.wechat_pay.errors import ABSENT
from siyu.ports.capabilities import Check

NOBODY = "siyu00selfcheck00"
"""An order number nobody has: asking for it proves signature, certificate and rights."""


class WechatPayCheck:
    """Tries certificates and a signed query that must answer "no such order"."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def probe(self) -> None:
        """A signed read that changes nothing; raises the PlatformError family."""
        try:
            self._client.get_order(NOBODY)
        except PlatformRefused as refusal:
            if refusal.platform_code not in ABSENT:
                raise

    def run(self) -> list[Check]:
        """Certificates first; the query only when answers can be verified."""
        keys = self._check_keys()
        return [keys, self._check_query()] if keys.is_ok else [keys]

    def _check_keys(self) -> Check:
        if self._client.keys.is_pinned:
            return Check("keys", True, "使用微信支付公钥验签")
        try:
            self._client.learn_keys()
        except SiyuError as error:
            advice = "请核对商户号、证书序列号、私钥与 APIv3 密钥, 或改用微信支付公钥模式"
            return Check("keys", False, error.reason, advice)
        return Check("keys", True, "平台证书已下载并解密")

    def _check_query(self) -> Check:
        try:
            self.probe()
        except PlatformError as error:
            advice = "请在商户平台核对 API 权限与服务器时钟"
            return Check("query", False, error.reason, advice)
        return Check("query", True, "签名、验签与查单权限正常")
