"""Why does nothing happen? Every cause that can be seen from here, with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from siyu.broadcasts import stuck as broadcasts
from siyu.core.account_checks import run_checks
from siyu.core.accounts import active_accounts
from siyu.core.audit import find_broken_link
from siyu.core.intake import inbox_status
from siyu.core.models import AuditEntry, Heartbeat
from siyu.core.runtime import runtime
from siyu.fans import stuck as fans
from siyu.groups import stuck as groups
from siyu.growth import stuck as growth
from siyu.guides import queries as guides
from siyu.guides import stuck as staff_work
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.lake.engines import configured_engine, engine_name
from siyu.materials import stuck as materials
from siyu.moments import stuck as moments
from siyu.payments import stuck as payments
from siyu.ports.capabilities import Check
from siyu.reach import stuck as reach
from siyu.reach.queries import open_circuits
from siyu.site.subscriptions import DUTIES
from siyu.talk import stuck as talk
from siyu.writeback import queries as writeback

QUIET = timedelta(seconds=90)
MIN_FREE_BYTES = 1 << 30
AUDIT_ROWS_CHECKED = 100_000


def run_doctor() -> list[Check]:
    """All checks, the most basic first; later ones are left out when the database is away."""
    checks = [_home(), _database()]
    if all(check.is_ok for check in checks):
        checks += [
            _console(),
            _engine(),
            _intake(),
            _audit(),
            *_duties(),
            *_circuits(),
            *_accounts(),
        ]
    return checks


def _home() -> Check:
    free = shutil.disk_usage(settings.ENVIRONMENT.home).free
    detail = f"{settings.ENVIRONMENT.home}, 剩余 {free / (1 << 30):.1f} GiB"
    return Check(
        "home",
        free > MIN_FREE_BYTES,
        detail,
        "磁盘将满: 请清理或扩容后再继续" if free <= MIN_FREE_BYTES else "",
    )


def _database() -> Check:
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return Check("database", False, f"{name} 连接失败", "请检查 SIYU_DATABASE_URL 和数据库服务")
    if missing:
        return Check(
            "database", False, f"{name} 缺少 {len(missing)} 个迁移", "请运行 siyu up 完成迁移"
        )
    return Check("database", True, name)


def _console() -> Check:
    from siyu.site.console import ROOT

    is_built = (ROOT / "index.html").exists()
    return Check(
        "console",
        is_built,
        "已构建" if is_built else "未构建",
        "" if is_built else "请运行 make console",
    )


def _engine() -> Check:
    """Whether the engine of reports and batches answers a question."""
    try:
        return Check("engine", True, configured_engine().check())
    except Refused as error:
        return Check("engine", False, f"{engine_name()} 没有应答", error.reason)


def _intake() -> Check:
    status = inbox_status()
    detail = f"待处理 {status.pending} 批"
    is_ok = status.pending < 1000
    return Check(
        "intake",
        is_ok,
        detail,
        "" if is_ok else "后台进程没有在运行或处理不过来: 请看 worker 的日志",
    )


def _audit() -> Check:
    if AuditEntry.objects.count() > AUDIT_ROWS_CHECKED:
        return Check("audit", True, "审计记录较多, 请在审计页单独校验")
    broken = find_broken_link()
    if broken is None:
        return Check("audit", True, "审计链完整")
    return Check(
        "audit", False, f"审计链在第 {broken} 行断开", "有人改动过审计记录: 请保全现场并核对备份"
    )


def _duties() -> Iterator[Check]:
    beats = {beat.duty: beat for beat in Heartbeat.objects.all()}
    now = runtime().clock.now()
    for duty in DUTIES:
        beat = beats.get(duty.name)
        name = f"duty:{duty.name}"
        allowed = max(QUIET, timedelta(seconds=3 * duty.every))
        if beat is None or now - beat.at > allowed:
            yield Check(
                name, False, "没有心跳", "后台进程没有在运行: 请运行 siyu up 或 siyu worker"
            )
        elif beat.error and beat.error_at and now - beat.error_at < timedelta(minutes=10):
            yield Check(
                name,
                False,
                beat.error,
                "最近十分钟内出过错, 会自动重试; 持续出现请看 worker 的日志",
            )
        else:
            yield Check(name, True, f"最近心跳 {beat.at.astimezone(SHANGHAI):%H:%M:%S}")


def _circuits() -> Iterator[Check]:
    """Channels that are left alone because they failed again and again."""
    for one in open_circuits():
        since, until = (at.astimezone(SHANGHAI) for at in (one.since, one.until))
        yield Check(
            f"circuit:{one.account}:{one.channel}",
            False,
            f"{since:%m-%d %H:%M} 起连续失败 ({one.code}), {until:%H:%M:%S} 再试",
            "平台恢复后一分钟内自动继续, 待发消息不会丢; 一直不恢复请看账号自检",
        )


def _accounts() -> Iterator[Check]:
    keys = active_accounts()
    if not keys:
        yield Check("accounts", False, "还没有接入任何平台账号", "请在“账号”页接入企业微信或抖音")
    for key in keys:
        for check in run_checks(key):
            yield Check(f"{key}:{check.name}", check.is_ok, check.detail, check.advice)
        yield from _account_work(key)


def _account_work(key: str) -> Iterator[Check]:
    """What the worker does for an account: pulls, tags and remarks on their way, what is stuck."""
    now = runtime().clock.now()
    yield from _pulls(key, now)
    refused = writeback.count_refused(key)
    if refused:
        advice = "在“标签”页查看原因后重试; 客户页上能看到没写成的备注"
        yield Check(f"{key}:writeback", False, f"{refused} 个标签或备注没有写成", advice)
    for check in _stuck(key, now):
        yield replace(check, name=f"{key}:{check.name}")


def _pulls(key: str, now: datetime) -> Iterator[Check]:
    """The latest pull, and the sources of it that could not be read."""
    latest = guides.latest_sync(key, now=now)
    if latest is not None:
        is_ok = latest.state != "failed"
        detail = latest.error or f"{latest.contacts} 个好友关系, {latest.share:.0%}"
        advice = "" if is_ok else "处理上面的原因后, 在“账号”页再点一次同步"
        yield Check(f"{key}:sync", is_ok, detail, advice)
        for source in latest.sources:
            if source.error and is_ok:
                advice = "客户照常同步; 处理原因后, 在“账号”页再点一次同步"
                yield Check(f"{key}:sync_{source.name}", False, source.error, advice)


def _stuck(key: str, now: datetime) -> Iterator[Check]:
    """Work of an account that does not get on though the account itself is well."""
    yield from growth.list_stuck(key)
    yield from groups.list_stuck(key)
    yield from talk.list_stuck(key)
    yield from materials.list_stuck(key)
    yield from staff_work.list_stuck(key, now)
    yield from fans.list_stuck(key)
    yield from payments.list_stuck(key, now)
    yield from reach.list_stuck(key, now)
    yield from broadcasts.list_stuck(key, now)
    yield from moments.list_stuck(key, now)
