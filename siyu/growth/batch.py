"""One change to many codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from siyu.core.access import Actor, require
from siyu.core.staff_ids import renamed
from siyu.growth.actions import update_live_code
from siyu.growth.arrangements import plan_of, read_plan
from siyu.growth.models import LiveCode
from siyu.growth.types import Plan
from siyu.kernel.errors import Refused, SiyuError

MAX_CODES = 500


@dataclass(frozen=True, kw_only=True)
class BatchChange:
    """What to do to each; None leaves as it is. add_staff: to the plan's own staff. drop_staff:
    out of everything, a shift that then has nobody goes. swap: who is named anywhere, and who takes
    his places with his limits. add_tags: besides those a code has.
    """

    is_active: bool | None = None
    is_archived: bool | None = None
    group_id: int | None = None
    add_staff: tuple[str, ...] = ()
    drop_staff: tuple[str, ...] = ()
    swap: tuple[str, str] | None = None
    add_tags: tuple[int, ...] = ()
    cap: int | None = None


def change_codes(
    actor: Actor, code_ids: Sequence[int], change: BatchChange, *, now: datetime
) -> dict[int, str]:
    """Change codes one by one; returns why those failed that did. The others are changed."""
    require(actor, "code:write")
    if not 1 <= len(set(code_ids)) <= MAX_CODES:
        raise Refused("batch.count", f"一次 1 到 {MAX_CODES} 个活码", field="ids")
    if change.swap is not None and (
        not all(change.swap) or len(set(change.swap)) < len(change.swap)
    ):
        raise Refused("batch.swap", "请选择两位不同的导购", field="swap")
    found = list(LiveCode.objects.filter(pk__in=code_ids))
    failed = dict.fromkeys(set(code_ids) - {code.pk for code in found}, "没有这个活码")
    for code in found:
        try:
            update_live_code(actor, code.pk, now=now, **_changes(code, change))
        except SiyuError as error:
            failed[code.pk] = error.reason
    return failed


def _changes(code: LiveCode, change: BatchChange) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "is_active": change.is_active,
        "is_archived": change.is_archived,
        "group_id": change.group_id,
    }
    if change.add_tags:
        changes["tag_ids"] = list(dict.fromkeys([*code.tag_ids, *change.add_tags]))
    plan = _changed_plan(plan_of(code), change)
    if plan is not None:
        changes["plan"] = plan
    return changes


def _changed_plan(plan: Plan, change: BatchChange) -> Plan | None:
    """The new plan; None when nothing in it changes."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan))
    if change.swap is not None:
        made = renamed(made, *change.swap)
    made["staff"] = list(dict.fromkeys([*made.get("staff", ()), *change.add_staff]))
    if change.drop_staff:
        made = _without(made, set(change.drop_staff))
    if change.cap is not None:
        made["cap"] = change.cap or None
    found = read_plan(made)
    return found if found != plan else None


def _without(plan: dict[str, Any], staff: set[str]) -> dict[str, Any]:
    caps = {who: cap for who, cap in plan.get("caps", {}).items() if who not in staff}
    made = {**plan, "caps": caps}
    for name in ("staff", "backups"):
        made[name] = [who for who in plan.get(name, ()) if who not in staff]
    for name in ("shifts", "specials"):
        left = [
            {**one, "staff": [who for who in one.get("staff", ()) if who not in staff]}
            for one in plan.get(name, ())
        ]
        made[name] = [one for one in left if one["staff"] or one.get("departments")]
    return made
