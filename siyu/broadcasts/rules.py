"""What a broadcast may be. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.broadcasts.types import MISSED, Draft
from siyu.kernel.errors import Refused

MAX_NAME = 64
MAX_SPREAD = 24 * 60
MAX_CONFIRM_DAYS = 7
MAX_AHEAD = timedelta(days=90)
MAX_LISTED = 10_000
MAX_TASKS_EACH = 20
"""Tasks one member of staff may get from one broadcast: each is a tap on the phone."""
_KINDS = ("segment", "definition", "customers", "groups", MISSED)
MAX_REASONS = 50


def check_draft(draft: Draft, *, is_for_groups: bool, now: datetime) -> None:
    """Refused when something is missing or makes no sense; texts are checked elsewhere."""
    if not draft.name.strip() or len(draft.name) > MAX_NAME:
        raise Refused("broadcast.name", f"名称须为 1 到 {MAX_NAME} 个字", field="name")
    if not 0 <= draft.spread_minutes <= MAX_SPREAD:
        raise Refused("broadcast.spread", "匀速发送最长 24 小时", field="spread_minutes")
    if not 1 <= draft.confirm_days <= MAX_CONFIRM_DAYS:
        raise Refused("broadcast.confirm", "确认期限须为 1 到 7 天", field="confirm_days")
    at = draft.scheduled_at
    if at is not None and not now - timedelta(minutes=5) <= at <= now + MAX_AHEAD:
        raise Refused("broadcast.time", "定时须在今后 90 天内", field="scheduled_at")
    _check_audience(draft.audience, is_for_groups=is_for_groups)


def _check_audience(audience: Mapping[str, Any], *, is_for_groups: bool) -> None:
    kind = audience.get("kind")
    is_fitting = kind == MISSED or (kind == "groups") == is_for_groups
    if kind not in _KINDS or not is_fitting:
        raise Refused("broadcast.audience", "请选择受众", field="audience")
    ids = audience.get("ids", [])
    is_list = isinstance(ids, list) and all(type(one) is int for one in ids)
    if not is_list or len(ids) > MAX_LISTED or (kind == "customers" and not ids):
        raise Refused("broadcast.audience", f"名单须为 1 到 {MAX_LISTED} 位", field="audience")
    if kind == "segment" and not isinstance(audience.get("segment_id"), int):
        raise Refused("broadcast.audience", "请选择人群", field="audience")
    if kind == MISSED:
        _check_missed(audience)
    if kind == "definition" and not isinstance(audience.get("definition"), dict):
        raise Refused("broadcast.audience", "请填写筛选条件", field="audience")


def _check_missed(audience: Mapping[str, Any]) -> None:
    reasons = audience.get("reasons")
    is_list = isinstance(reasons, list) and all(isinstance(one, str) for one in reasons)
    if type(audience.get("broadcast_id")) is not int or not is_list:
        raise Refused("broadcast.audience", "请选择上一次群发", field="audience")
    if not 1 <= len(audience["reasons"]) <= MAX_REASONS:
        raise Refused("broadcast.reasons", "请选择没收到的原因", field="reasons")


def is_personal(text: str) -> bool:
    """Whether the text may differ from customer to customer."""
    return "{{" in text or "{%" in text


def tasks_of(senders: Mapping[str, int], batch: int, *, personal: bool) -> tuple[int, int]:
    """Calls in all, and the most of one sender. A personal text is a call for each customer."""
    size = 1 if personal else max(1, batch)
    each = [math.ceil(count / size) for count in senders.values()]
    return sum(each), max(each, default=0)
