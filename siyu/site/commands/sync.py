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
    from siyu.core.accounts import active_accounts, connector
    from siyu.kernel.errors import Refused

    accounts = arguments.account or [
        key for key in active_accounts() if connector(key).contacts is not None
    ]
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
    from siyu.guides.syncing import RUNNING, work

    sync_id = request_sync(SYSTEM, account, now=runtime().clock.now())
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    started = time.monotonic()
    with Progress(*columns) as bar:
        task = bar.add_task(account, total=None)
        while True:
            has_more = work(runtime().clock.now(), account=account)
            progress = get_sync(sync_id)
            bar.update(task, description=_line(progress, time.monotonic() - started))
            if progress.state != RUNNING:
                break
            if not has_more:
                time.sleep(0.5)
    if progress.error:
        print(f"{account}: {progress.error}")
    return 0 if progress.state == "done" else 1


def _line(progress: SyncProgress, seconds: float) -> str:
    rate = progress.contacts / seconds if seconds > 0 else 0.0
    left = progress.staff_total - progress.staff_done
    return (
        f"{progress.account}: 客户 {progress.contacts}, {rate:.0f}/s,"
        f" 有变化 {progress.changed}, 已流失 {progress.gone},"
        f" 员工 {progress.staff_done}/{progress.staff_total}, 剩余 {left}"
    )
