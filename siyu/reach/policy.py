"""The brand's own rules, changed in the console: quiet hours and the frequency cap."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.kernel.errors import Refused
from siyu.reach.types import Policy

_NAME = "reach.policy"
_DAY = 24 * 60


def get_policy() -> Policy:
    """The policy in force; changes hold for every send decided after them."""
    row = Setting.objects.filter(name=_NAME).first()
    return Policy(**row.value) if row else Policy()


def update_policy(actor: Actor, policy: Policy, *, now: datetime) -> None:
    """Replace the policy; Refused when a number makes no sense."""
    require(actor, "touch:write")
    for field in ("quiet_start", "quiet_end"):
        if not 0 <= getattr(policy, field) < _DAY:
            raise Refused("policy.time", "时间须在 00:00 到 23:59 之间", field=field)
    if not 0 <= policy.cap_count <= 100:
        raise Refused("policy.cap", "频次上限须在 0 到 100 之间", field="cap_count")
    if not 1 <= policy.cap_days <= 90:
        raise Refused("policy.days", "频次周期须在 1 到 90 天之间", field="cap_days")
    with transaction.atomic():
        Setting.objects.update_or_create(name=_NAME, defaults={"value": asdict(policy)})
        record_audit(actor, "update_policy", _NAME, now=now, detail=asdict(policy))


def parse_minutes(text: str, *, field: str) -> int:
    """`"22:00"` → 1320; Refused when it is no time of day."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise Refused("policy.time", "时间须写作 22:00", field=field)
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value >= _DAY:
        raise Refused("policy.time", "时间须在 00:00 到 23:59 之间", field=field)
    return value


def format_minutes(minutes: int) -> str:
    """`1320` → `"22:00"`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
