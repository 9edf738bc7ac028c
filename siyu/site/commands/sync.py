"""`siyu sync`: pull customers from the platforms, with progress."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siyu.guides.types import SyncProgress

HELP = "从平台全量同步员工与客户, 可中断续传 / pull staff and customers, resumable"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "account",
        nargs="*",
        help="账号, 如 wecom:ww1; 不写则同步全部 / accounts; all when left out",
    )


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    from siyu.core.accounts import active_accounts
    from siyu.guides.sources import offered_sources
    from siyu.kernel.errors import Refused

    accounts = arguments.account or [key for key in active_accounts() if offered_sources(key)]
    if not accounts:
        raise Refused("sync.accounts", "没有可以同步的账号, 请先在控制台接入")
    return max(_sync(account) for account in accounts)


def _sync(account: str) -> int:
    """Pull one account to its end, side by side with a running worker."""
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.guides.actions import request_sync
    from siyu.guides.queries import get_sync
    from siyu.guides.syncing import RUNNING, WAITING, work

    sync_id = request_sync(SYSTEM, account, now=runtime().clock.now())
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(account, total=None)
        while True:
            has_more = work(runtime().clock.now(), account=account)
            progress = get_sync(sync_id, now=runtime().clock.now())
            bar.update(task, description=_line(progress))
            if progress.state not in {RUNNING, WAITING}:
                break
            if not has_more:
                time.sleep(0.5)
    if progress.error:
        print(f"{account}: {progress.error}")
    return 0 if progress.state == "done" else 1


def _line(progress: SyncProgress) -> str:
    left = "" if progress.seconds_left is None else f", 还需约 {_minutes(progress.seconds_left)}"
    waits = f", 等到 {progress.waits_until:%H:%M:%S} UTC" if progress.waits_until else ""
    return (
        f"{progress.account}: {progress.source or '完成'} {progress.share:.0%},"
        f" 客户 {progress.contacts}/{progress.expected or '?'}, {progress.per_second:.0f}/s,"
        f" 有变化 {progress.changed}, 已流失 {progress.gone}{left}{waits}"
    )


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} 分 {seconds % 60} 秒"
