"""WeChat Pay's error words by what one can do about them, with a sentence for people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.errors import (
    PlatformError,
    PlatformRefused,
    Reauth,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)

RATE_PAUSE = timedelta(minutes=1)
ABSENT = frozenset({"NOT_FOUND", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND_ERROR"})


class Family(NamedTuple):
    """Error words with one meaning."""

    codes: frozenset[str]
    error: type[PlatformError]
    name: str
    sentence: str


_BUSY = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "BANK_ERROR", "BANKERROR"})
_RATE = frozenset(
    {"RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATE_LIMITED"}
)
_FAMILIES = (
    Family(
        frozenset({"SIGN_ERROR"}),
        Reauth,
        "signature",
        "签名被拒绝, 请核对商户号、证书序列号与私钥是否同属一套",
    ),
    Family(
        frozenset(
            {"NO_AUTH", "NOAUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "CONTRACT_NOT_CONFIRM"}
        ),
        Reauth,
        "permission",
        "商户号没有这项权限, 请在商户平台开通产品并绑定 AppID",
    ),
    Family(frozenset({"NOT_ENOUGH"}), PlatformRefused, "balance", "商户运营账户余额不足, 请先充值"),
    Family(
        frozenset({"QUOTA_EXCEED", "TRANSFER_QUOTA_EXCEED", "ACCOUNT_ERROR"}),
        PlatformRefused,
        "quota",
        "超过微信支付的转账限额",
    ),
    Family(ABSENT, PlatformRefused, "absent", "微信支付没有这张单"),
    Family(
        frozenset({"ALREADY_EXISTS", "OUT_TRADE_NO_USED", "ORDERPAID", "RESOURCE_ALREADY_EXISTS"}),
        PlatformRefused,
        "used",
        "单号已被使用",
    ),
    Family(
        frozenset({"ORDER_CLOSED", "ORDERCLOSED", "TRADE_ERROR", "INVALID_TRANSACTIONID"}),
        PlatformRefused,
        "order_state",
        "订单状态不允许",
    ),
    Family(
        frozenset({"PARAM_ERROR", "INVALID_REQUEST", "OPENID_MISMATCH"}),
        PlatformRefused,
        "bad_request",
        "请求参数有误",
    ),
)
_OTHER = Family(frozenset(), PlatformRefused, "refused", "微信支付拒绝了这次调用")


def make_error(code: str, text: str, now: datetime, *, is_safe: bool) -> PlatformError:
    """The exception of an error word. SYSTEM_ERROR of a call that pays leaves its outcome open:
    the platform demands a query with the same number before anything else."""
    said = f"微信支付 {code}: {text}" if text else f"微信支付 {code}"
    if code in _RATE:
        return WaitUntil(
            "rate", f"调用过于频繁 ({said})", until=now + RATE_PAUSE, platform_code=code
        )
    if code in _BUSY:
        kind = RetryLater if is_safe else UnknownOutcome
        return kind("busy", f"微信支付繁忙 ({said})", platform_code=code)
    family = next((family for family in _FAMILIES if code in family.codes), _OTHER)
    return family.error(family.name, f"{family.sentence} ({said})", platform_code=code)
