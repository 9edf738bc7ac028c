"""Writes of custom fields: definitions, and values by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import belongings
from siyu.pool.fields import observing
from siyu.pool.fields.catalogue import get_active, info_of
from siyu.pool.fields.models import CustomField, Observation
from siyu.pool.fields.rules import SET, UNSET
from siyu.pool.fields.types import (
    KINDS,
    LATEST,
    PERSONAL_KINDS,
    PRIORITY,
    FieldChoice,
    FieldInfo,
    rules_of,
)
from siyu.pool.fields.values import parse_value
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.rows import resolving
from siyu.pool.tags import primary_identities

MAX_FIELDS = 200
MAX_CHOICES = 200
MAX_SOURCES = 20
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
RESERVED = frozenset(
    (
        *("id", "name", "nickname", "remark", "phone", "email", "stage", "platform", "platforms"),
        *("first_source", "first_platform", "owner_staff", "order_count", "refund_count"),
        *("revenue_fen", "created_at", "last_seen_at", "first_order_at", "last_order_at"),
        *("days_since_created", "days_since_seen", "is_reachable", "lost_at", "customer_id"),
    )
)
"""Keys that already mean something of a customer."""
FieldUsers = Callable[[str], list[str]]
_users: list[FieldUsers] = []


def set_field_users(users: FieldUsers) -> None:
    """Tell who uses a field, by its key: names of segments. A used field is not archived."""
    _users[:] = [users]


@dataclass(frozen=True)
class FieldDraft:
    """What a person may say of a field; key and type count only when it is made."""

    zh: str
    en: str = ""
    key: str = ""
    type: str = "text"
    choices: tuple[FieldChoice, ...] = ()
    is_personal: bool = False
    is_listed: bool = False
    rule: str = LATEST
    sources: tuple[str, ...] = ()
    description: str = ""


def create_field(actor: Actor, draft: FieldDraft, *, now: datetime) -> int:
    """Define a field; its id. What facts already said under its key becomes its history."""
    require(actor, "field:write")
    _check_key(draft.key)
    if draft.type not in KINDS:
        raise Refused("field.type", "没有这种类型", field="type")
    values = _checked(draft, draft.type)
    with resolving():
        if CustomField.objects.filter(key=draft.key).exists():
            raise Conflict("field.taken", "这个键已被使用 (可能已归档)", field="key")
        if CustomField.objects.count() >= MAX_FIELDS:
            raise Refused("field.too_many", f"自定义字段至多 {MAX_FIELDS} 个", field="key")
        row = CustomField.objects.create(
            key=draft.key, kind=draft.type, adopt_after=0, created_at=now, updated_at=now, **values
        )
        detail = {"key": draft.key, "type": draft.type}
        record_audit(actor, "create_field", f"field:{row.pk}", now=now, detail=detail)
    return int(row.pk)


def update_field(actor: Actor, field_id: int, draft: FieldDraft, *, now: datetime) -> None:
    """Change all but key and type; a changed rule is worked out again over the history."""
    require(actor, "field:write")
    with resolving():
        row = _get(field_id)
        before = info_of(row)
        values = _checked(draft, row.kind)
        if before.is_personal and not values["is_personal"]:
            raise Refused(
                "field.personal_fixed", "个人信息字段不能改回普通字段", field="is_personal"
            )
        _check_choices_kept(before, draft.choices)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed.keys() & {"rule", "sources", "choices"}:
            changed["redo_after"] = 0
        CustomField.objects.filter(pk=field_id).update(updated_at=now, **changed)
        detail = {"key": before.key, "changed": sorted(changed.keys() - {"redo_after"})}
        record_audit(actor, "update_field", f"field:{field_id}", now=now, detail=detail)


def archive_field(actor: Actor, field_id: int, *, is_archived: bool, now: datetime) -> None:
    """Take a field out of use or bring it back; its history is kept and goes on."""
    require(actor, "field:write")
    with transaction.atomic():
        row = _get(field_id)
        users = _users[0](row.key) if _users and is_archived else []
        if users:
            reason = f"人群 {'、'.join(users[:5])} 正在使用这个字段"
            raise Conflict("field.used", reason, field="key")
        CustomField.objects.filter(pk=field_id).update(is_archived=is_archived, updated_at=now)
        verb = "archive_field" if is_archived else "restore_field"
        record_audit(actor, verb, f"field:{field_id}", now=now, detail={"key": row.key})


def set_values(actor: Actor, customer_id: int, values: Mapping[str, Any], *, now: datetime) -> None:
    """Values by hand; None or "" takes one away. All of them, or none when one is refused."""
    require(actor, "customer:write")
    with resolving():
        customer = current_customer_id(customer_id)
        require_visible(actor, customer)
        told = [(get_active(key), value) for key, value in values.items()]
        for field, value in told:
            if not _is_nothing(value):
                parse_value(field, value)
        _observe_by_hand(actor, customer, told, now=now)
        belongings.tell_changed({customer}, now)
        detail = {"fields": sorted(values)}
        record_audit(actor, "set_fields", f"customer:{customer}", now=now, detail=detail)


def _observe_by_hand(
    actor: Actor, customer: int, told: Iterable[tuple[FieldInfo, Any]], *, now: datetime
) -> None:
    home = primary_identities([customer]).get(customer)
    if home is None:
        raise NotFound("customer.missing", "没有这位客户")
    source = f"user:{actor.name}"
    observing.observe(
        observing.Word(
            customer,
            home,
            field,
            value,
            source,
            to_ms(_after_last(customer, field, source, now)),
            UNSET if _is_nothing(value) else SET,
        )
        for field, value in told
    )


def _after_last(customer: int, field: FieldInfo, source: str, now: datetime) -> datetime:
    """Now, or just after the same person's last word where the clock did not move."""
    last = (
        Observation.objects.filter(
            customer_id=customer, field_id=field.id, source=source, at__gte=now, reason=""
        )
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
    return last + timedelta(milliseconds=1) if last else now


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [])


def _get(field_id: int) -> CustomField:
    found = CustomField.objects.filter(pk=field_id).first()
    if found is None:
        raise NotFound("field.missing", "没有这个字段")
    return found


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Refused(
            "field.key", "键以字母开头, 由字母、数字和下划线组成, 至多 64 个字", field="key"
        )
    if key.lower() in RESERVED:
        raise Refused("field.reserved", "这个键是系统字段, 请换一个", field="key")


def _checked(draft: FieldDraft, kind: str) -> dict[str, Any]:
    """The columns of a draft; Refused with the field at fault."""
    zh, en, description = draft.zh.strip(), draft.en.strip(), draft.description.strip()
    if not zh or max(len(zh), len(en)) > 64 or len(description) > 200 or "\x00" in zh + en:
        raise Refused("field.name", "名称须为 1 至 64 个字", field="zh")
    if draft.rule not in rules_of(kind):
        raise Refused("field.rule", "这种类型不能用此规则", field="rule")
    sources = tuple(dict.fromkeys(one.strip() for one in draft.sources if one.strip()))
    if draft.rule == PRIORITY and not 0 < len(sources) <= MAX_SOURCES:
        raise Refused("field.sources", "请按优先顺序列出来源, 至多 20 个", field="sources")
    _check_choices(draft.choices, kind)
    return {
        "zh": zh,
        "en": en or zh,
        "description": description,
        "choices": [asdict(choice) for choice in draft.choices] if draft.choices else [],
        "rule": draft.rule,
        "sources": [one[:160] for one in sources] if draft.rule == PRIORITY else [],
        "is_personal": draft.is_personal or kind in PERSONAL_KINDS,
        "is_listed": draft.is_listed and not (draft.is_personal or kind in PERSONAL_KINDS),
    }


def _check_choices(choices: tuple[FieldChoice, ...], kind: str) -> None:
    if kind not in {"choice", "choices"}:
        if choices:
            raise Refused("field.choices", "只有选择类字段有可选项", field="choices")
        return
    names = [choice.value for choice in choices]
    is_sound = all(
        0 < len(choice.value) <= 64
        and choice.value == choice.value.strip()
        and not re.search(r"[,，、;；|\x00]", choice.value)
        and 0 < len(choice.zh) <= 64
        and len(choice.en) <= 64
        for choice in choices
    )
    if not 0 < len(names) <= MAX_CHOICES or len(set(names)) < len(names) or not is_sound:
        reason = "可选项须为 1 至 200 个互不相同的值, 不含逗号、顿号和分号"
        raise Refused("field.choices", reason, field="choices")


def _check_choices_kept(before: FieldInfo, choices: tuple[FieldChoice, ...]) -> None:
    """Choices that somebody has told may be renamed but not removed."""
    gone = {choice.value for choice in before.choices} - {choice.value for choice in choices}
    for value in sorted(gone):
        text = msgspec.json.encode(value).decode()
        told = Observation.objects.filter(field_id=before.id, reason="", value__contains=text)
        if told.exists():
            reason = f"可选项“{value}”已有客户使用, 不能删除"
            raise Conflict("field.choice_used", reason, field="choices")
