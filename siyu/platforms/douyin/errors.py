"""Douyin's error codes by what one can do about them, with a sentence for people.

Codes of the older family 21000xx mean the same as 280010xx.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.errors import PlatformError, PlatformRefused, Reauth, RetryLater, WaitUntil

TOKEN_EXPIRED = frozenset({28001008, 2190008, 2190002, 10008, 28001003})
RATE_PAUSE = timedelta(minutes=1)


class Family(NamedTuple):
    """Error codes with one meaning."""

    codes: frozenset[int]
    error: type[PlatformError]
    name: str
    sentence: str


_FAMILIES = (
    Family(frozenset({28001005, 2100004}), RetryLater, "busy", "抖音繁忙, 稍后再试"),
    Family(TOKEN_EXPIRED, Reauth, "token_expired", "令牌已失效"),
    Family(frozenset({10010, 10020}), Reauth, "refresh_ended", "授权已过期, 请企业号重新扫码授权"),
    Family(
        frozenset({28001014, 28001018, 28029003, 28001012, 28001015}),
        Reauth,
        "permission",
        "应用缺少权限, 或企业号没有授权",
    ),
    Family(frozenset({28001016, 28003101, 28029004}), Reauth, "banned", "应用或账号被平台限制发送"),
    Family(frozenset({28003095}), Reauth, "workbench", "请关闭企业号工作台里的自动回复策略"),
    Family(
        frozenset({28003080, 28003081}),
        PlatformRefused,
        "window_closed",
        "私信窗口已关闭: 对方 24 小时内没有发来消息, 或已发满 6 条",
    ),
    Family(frozenset({28003082}), PlatformRefused, "peer_mismatch", "会话与接收人不符"),
    Family(
        frozenset({28001038, 28001052}),
        PlatformRefused,
        "content_blocked",
        "内容过长、含外链, 或被判为有风险",
    ),
    Family(frozenset({28001007, 10005, 2100005}), PlatformRefused, "bad_request", "请求参数有误"),
)
_RATE = frozenset({28003017, 28003018, 28003070, 2190001})
_OTHER = Family(frozenset(), PlatformRefused, "refused", "抖音拒绝了这次调用")


def make_error(code: int, text: str, now: datetime) -> PlatformError:
    """The exception of an error code."""
    said = f"抖音 {code}: {text}" if text else f"抖音 {code}"
    number = str(code)
    if code in _RATE:
        return WaitUntil(
            "rate", f"调用过于频繁 ({said})", until=now + RATE_PAUSE, platform_code=number
        )
    family = next((family for family in _FAMILIES if code in family.codes), _OTHER)
    return family.error(family.name, f"{family.sentence} ({said})", platform_code=number)
