"""Plans as people give them: read, checked, kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from siyu.growth.models import LiveCode
from siyu.growth.types import DAY_MINUTES, Plan, Says, Slot
from siyu.kernel.errors import Refused
from siyu.materials import actions as materials
from siyu.reach import actions as reach

MAX_STAFF = 100
MAX_SLOTS = 50
MAX_WELCOME = 1000


def read_plan(value: Mapping[str, Any] | Plan) -> Plan:
    """A plan out of JSON; Refused when it has another shape."""
    if isinstance(value, Plan):
        return value
    try:
        return msgspec.convert(value, Plan)
    except msgspec.ValidationError as error:
        raise Refused("code.plan", f"排班格式有误: {error}", field="plan") from error


def plan_of(row: LiveCode) -> Plan:
    """A code's plan; one made before plans has its staff only."""
    if row.plan:
        return read_plan(row.plan)
    return Plan(staff=tuple(row.staff), departments=tuple(row.departments))


def read_says(value: Mapping[str, Any] | Says) -> Says:
    """A welcome out of JSON; Refused when it has another shape."""
    if isinstance(value, Says):
        return value
    try:
        return msgspec.convert(value, Says)
    except msgspec.ValidationError as error:
        raise Refused("welcome.shape", f"欢迎语格式有误: {error}", field="says") from error


def as_json(value: Plan | Says) -> dict[str, Any]:
    """What is kept in the table."""
    found: dict[str, Any] = msgspec.to_builtins(value)
    return found


def check_plan(plan: Plan) -> None:
    """Refused when a plan cannot be kept: nobody in it, times that are none, caps below one."""
    if not everybody(plan) and not plan.departments and not _shift_departments(plan):
        raise Refused("code.staff", "请至少选择一名员工或一个部门", field="staff")
    groups = [plan.staff, plan.backups, *(one.staff for one in (*plan.shifts, *plan.specials))]
    for people in groups:
        if len(set(people)) != len(people) or len(people) > MAX_STAFF:
            raise Refused("code.staff", f"每处最多 {MAX_STAFF} 名员工, 不能重复", field="staff")
    _check_slots((*plan.shifts, *plan.specials, *plan.accept_slots), field="plan")
    for shift in (*plan.shifts, *plan.specials):
        if not shift.staff and not shift.departments:
            raise Refused("code.shift", "每个时段须有员工或部门", field="plan")
    if any(special.first > special.last for special in plan.specials):
        raise Refused("code.dates", "特殊日期的开始不能晚于结束", field="plan")
    caps = [*plan.caps.values(), *([plan.cap] if plan.cap is not None else [])]
    if any(cap < 1 for cap in caps):
        raise Refused("code.cap", "每日上限须为 1 以上", field="plan")
    has_departments = bool(plan.departments or _shift_departments(plan))
    if has_departments and (plan.rotation != "random" or caps):
        reason = "部门由企业微信随机分配, 不能与轮流分配或每日上限同用"
        raise Refused("code.rotation", reason, field="rotation")
    if plan.acceptance == "slots" and not plan.accept_slots:
        raise Refused("code.accept", "请填写自动通过的时段", field="plan")


def check_says(says: Says, *, field: str = "welcome_text") -> None:
    """Refused when words are too long, cannot be parsed, or have broken attachments."""
    _check_slots(says.times, field=field)
    for words in (says, *says.times):
        if len(words.text) > MAX_WELCOME:
            raise Refused("code.welcome", f"欢迎语最多 {MAX_WELCOME} 字", field=field)
        if words.text:
            reach.check_template(words.text, field=field)
        elif words is not says and not words.attachments:
            raise Refused("code.welcome", "每个时段的欢迎语须有文字或附件", field=field)
        materials.check_attachments(words.attachments, field=field)


def everybody(plan: Plan) -> set[str]:
    """Everybody a plan names, backups too."""
    shifts = (*plan.shifts, *plan.specials)
    return {*plan.staff, *plan.backups, *(one for shift in shifts for one in shift.staff)}


def materials_of(says: Says) -> set[int]:
    """The files a welcome carries."""
    return {
        one for words in (says, *says.times) for one in materials.materials_in(words.attachments)
    }


def _shift_departments(plan: Plan) -> bool:
    return any(shift.departments for shift in (*plan.shifts, *plan.specials))


def _check_slots(slots: Iterable[Slot], *, field: str) -> None:
    listed = list(slots)
    if len(listed) > MAX_SLOTS:
        raise Refused("code.slots", f"最多 {MAX_SLOTS} 个时段", field=field)
    for slot in listed:
        is_time = 0 <= slot.start < DAY_MINUTES and 0 < slot.end <= DAY_MINUTES
        if not is_time or slot.start == slot.end:
            raise Refused(
                "code.slot", "时段须在 00:00 到 24:00 之间, 且开始不等于结束", field=field
            )
        days = slot.weekdays
        if not days or len(set(days)) != len(days) or not set(days) <= set(range(1, 8)):
            raise Refused("code.weekdays", "请选择星期, 1 到 7, 不能重复", field=field)
