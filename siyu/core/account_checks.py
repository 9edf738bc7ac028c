"""Why an account does nothing: what its connector finds, and whether its callbacks arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.core import accounts
from siyu.core.models import PlatformAccount, RejectedItem
from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformError
from siyu.ports.capabilities import KEY_UNKNOWN, Check

RECENT = timedelta(hours=24)
QUIET = timedelta(hours=48)
MAX_COUNTED = 1000
_BAD_SIGNATURE = (
    "平台的回调到了, 但签名或解密不对: 请把平台后台的回调密钥 (Token 与 EncodingAESKey,"
    " 或应用 Secret) 重新填到“账号”页, 并核对账号标识和服务器时间"
)
_REFUSALS = {
    "wecom.callback": _BAD_SIGNATURE,
    "callback.signature": _BAD_SIGNATURE,
    "callback.decrypt": "签名是对的, 但内容解不开: 请把 APIv3 密钥重新填到“账号”页",
    "callback.stale": "回调的时间与本机相差超过 5 分钟: 请校准服务器时间 (NTP)",
    "callback.client_key": "这是另一个应用的回调: 请核对平台后台的回调地址填的是哪个账号",
    "callback.algorithm": "平台换了加密方式: 请升级 Siyu",
    KEY_UNKNOWN: "回调由我们没有的平台证书签名: 请看上面证书一项, 或改用公钥模式",
}
"""Code of a refused callback → what to do. Refusals that are part of the protocol (a platform's
own probes) and what strangers send without a platform's form are no failure of the account."""
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
    since = max(now - RECENT, last or now - RECENT)
    refused = list(
        RejectedItem.objects.filter(source=key, at__gt=since, code__in=_REFUSALS)
        .order_by("-id")
        .values_list("code", flat=True)[:MAX_COUNTED]
    )
    if refused:
        detail = f"最近拒绝了 {len(refused)} 次回调"
        yield Check("callback_signature", False, detail, _REFUSALS[refused[0]])
