"""The self-check of a WeChat Pay account."""

from __future__ import annotations

from siyu.kernel.errors import PlatformError, PlatformRefused, SiyuError
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.platforms.wechat_pay.errors import ABSENT
from siyu.ports.capabilities import Check
from siyu.ports.checks import passing_line

NOBODY = "siyu00selfcheck00"
"""An order number nobody has: asking for it proves signature, certificate and rights."""
UNSIGNED = "wechat_pay.unsigned"
SERVER_FAILED = 500
_KEYS = "请核对商户号、证书序列号、私钥与 APIv3 密钥是否同属一套, 或改用微信支付公钥模式"
_RIGHTS = "请在商户平台核对 API 权限与 AppID 绑定"
_GENUINE = (
    "微信支付可能换了平台证书而还不能下载 (每分钟会再试一次); 一直不好时改用微信支付公钥模式,"
    " 并核对服务器时间、接口地址, 以及中间是否有代理改了回答"
)


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
            return _failed("keys", error, _KEYS)
        return Check("keys", True, "平台证书已下载并解密")

    def _check_query(self) -> Check:
        try:
            self.probe()
        except PlatformError as error:
            return _failed("query", error, _RIGHTS)
        return Check("query", True, "签名、验签与查单权限正常")


def _failed(name: str, error: SiyuError, advice: str) -> Check:
    """The line an error belongs to. An answer that nobody we know signed says who may be at
    fault; without an answer at all it is the platform's or the network's."""
    if not isinstance(error, PlatformError):
        return Check(name, False, error.reason, advice)
    status = error.platform_code
    if error.code == UNSIGNED and not (status.isdigit() and int(status) >= SERVER_FAILED):
        return Check("answer_signature", False, error.reason, _GENUINE)
    if error.code == "signature":
        return Check("keys", False, error.reason, f"{_KEYS}; 服务器时间误差不能超过 5 分钟")
    return passing_line(error) or Check(name, False, error.reason, advice)
