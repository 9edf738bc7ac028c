"""Limits a platform announced after the manifests were written: dated rows of the brand's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.kernel.errors import Refused
from siyu.ports.manifest import Quota

_NAME = "reach.quotas"
MAX_LIMIT = 1_000_000_000


def list_overrides() -> list[Quota]:
    """The brand's own rows, in the order they were added."""
    row = Setting.objects.filter(name=_NAME).first()
    return msgspec.convert(row.value, list[Quota]) if row else []


def add_override(actor: Actor, quota: Quota, known: Sequence[str], *, now: datetime) -> None:
    """Note another limit from a day on; of two rows for one day the later added counts.

    known: channels whose platform counts. Refused when a value makes no sense.
    """
    require(actor, "touch:write")
    _check(quota, known)
    with transaction.atomic():
        value = msgspec.to_builtins([*list_overrides(), quota])
        Setting.objects.update_or_create(name=_NAME, defaults={"value": value})
        detail = msgspec.to_builtins(quota)
        record_audit(actor, "add_quota", quota.channel, now=now, detail=detail)


def _check(quota: Quota, known: Sequence[str]) -> None:
    if quota.channel not in known:
        raise Refused("quota.channel", "这个渠道没有可调整的平台额度", field="channel")
    if quota.window not in {"day", "week", "month"} or quota.per not in {"customer", "account"}:
        raise Refused("quota.window", "周期须为 day、week 或 month", field="window")
    if quota.limit == 0 and quota.window != "month":
        raise Refused("quota.limit", "0 表示当月天数, 只用于每月的额度", field="limit")
    if not 0 <= quota.limit <= MAX_LIMIT:
        raise Refused("quota.limit", f"额度须在 0 到 {MAX_LIMIT} 之间", field="limit")
    try:
        date.fromisoformat(quota.valid_from)
    except ValueError as error:
        raise Refused("quota.from", "生效日期须写作 2026-11-22", field="valid_from") from error
    if not quota.source.strip():
        raise Refused("quota.source", "请写明依据, 例如平台公告的链接", field="source")
