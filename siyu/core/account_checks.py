"""Why an account does nothing: what its connector finds, and whether its callbacks arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.core import accounts
from siyu.core.models import PlatformAccount, RejectedItem
from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformError
from siyu.ports.capabilities import Check

RECENT = timedelta(hours=24)
QUIET = timedelta(hours=48)
_BAD_CALLBACK = (
    "平台的回调到了, 但签名或解密不对: 请把管理后台的 Token 与 EncodingAESKey 重新填到“账号”页,"
    " 并核对企业 ID 和服务器时间"
)
_NEVER = "请在平台后台填写本页的回调地址并保存, 确认公网能访问到它"
_SILENT = (
    "两天没有回调: 确认公网还能访问到回调地址, 平台后台的接收开关没有关上; 夜里的比对会补回漏掉的"
)


def run_checks(key: str) -> list[Check]:
    """Everything that can be checked of one account; a failing check is a line, not an error."""
    now = runtime().clock.now()
    return [*_of_connector(key), *_of_callbacks(key, now)]


def _of_connector(key: str) -> list[Check]:
    try:
        return accounts.connector(key).check.run()
    except PlatformError as error:
        return [Check("connect", False, error.reason, "请核对账号的密钥和接口地址")]


def _of_callbacks(key: str, now: datetime) -> Iterator[Check]:
    last = PlatformAccount.objects.values_list("last_callback_at", flat=True).get(key=key)
    if last is None:
        yield Check("callback_received", False, "从未收到回调", _NEVER)
    else:
        is_recent = now - last < QUIET
        at = f"最近回调 {last.astimezone(SHANGHAI):%m-%d %H:%M}"
        yield Check("callback_received", is_recent, at, "" if is_recent else _SILENT)
    refused = RejectedItem.objects.filter(
        source=key, at__gt=max(now - RECENT, last or now - RECENT), code__endswith="callback"
    ).count()
    if refused:
        yield Check("callback_signature", False, f"最近拒绝了 {refused} 次回调", _BAD_CALLBACK)
