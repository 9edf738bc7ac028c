"""Lines of a self-check for failures that no setting of the account causes."""

from __future__ import annotations

from siyu.kernel.errors import PlatformError, RetryLater, UnknownOutcome, WaitUntil
from siyu.ports.capabilities import Check

_LIMIT = (
    "已自动暂停, 到时继续; 常常出现时, 请把同步放到夜里, 并查看别的系统是否也在用同一套凭证调用"
)
_LINE = "请检查服务器的网络、DNS 与防火墙能否访问接口地址, 并核对“账号”页的接口地址; 通了会自动继续"
_BUSY = "会自动重试; 持续超过十分钟时请看平台的公告"
_BROKEN = "会自动重试; 持续不好时, 请核对“账号”页的接口地址, 以及中间是否有代理改了回答"


def passing_line(error: PlatformError) -> Check | None:
    """The line of a limit, a broken network or a busy platform, with what to do about it.

    None when credentials or rights are wrong: what to do then, only the platform's folder knows.
    """
    if isinstance(error, WaitUntil):
        return Check("quota", False, error.reason, _LIMIT)
    if isinstance(error, RetryLater | UnknownOutcome):
        return Check("reachable", False, error.reason, _advice(error))
    return None


def _advice(error: PlatformError) -> str:
    if error.code.startswith("http."):
        return _LINE
    return _BUSY if error.platform_code else _BROKEN
