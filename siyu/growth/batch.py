"""One change to many codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from siyu.core.access import Actor, require
from siyu.growth.actions import update_live_code
from siyu.growth.arrangements import as_json, plan_of, read_plan
from siyu.growth.models import LiveCode
from siyu.growth.types import Plan
from siyu.kernel.errors import Refused, SiyuError

MAX_CODES = 500


@dataclass(frozen=True, kw_only=True)
class BatchChange:
    """What to do to each; None leaves as it is. add_staff, drop_staff: of the plan's own staff.

    add_tags: besides those a code has.
    """

    is_active: bool | None = None
    is_archived: bool | None = None
    group_id: int | None = None
    add_staff: tuple[str, ...] = ()
    drop_staff: tuple[str, ...] = ()
    add_tags: tuple[int, ...] = ()
    cap: int | None = None


def change_codes(
    actor: Actor, code_ids: Sequence[int], change: BatchChange, *, now: datetime
) -> dict[int, str]:
    """Change codes one by one; returns why those failed that did. The others are changed."""
    require(actor, "code:write")
    if not 1 <= len(set(code_ids)) <= MAX_CODES:
        raise Refused("batch.count", f"一次 1 到 {MAX_CODES} 个活码", field="ids")
    failed: dict[int, str] = {}
    for code in LiveCode.objects.filter(pk__in=code_ids):
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
    staff = tuple(dict.fromkeys([*plan.staff, *change.add_staff]))
    staff = tuple(one for one in staff if one not in change.drop_staff)
    more: dict[str, Any] = {"staff": staff}
    if change.cap is not None:
        more["cap"] = change.cap or None
    made = read_plan({**as_json(plan), **msgspec.to_builtins(more)})
    return made if made != plan else None
