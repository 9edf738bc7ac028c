"""Reads of custom fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Count, Max

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.paging import Page, decode_cursor, encode_cursor
from siyu.pool.fields.catalogue import get_active, info_of, list_active, load_fields
from siyu.pool.fields.current import value_of
from siyu.pool.fields.models import CustomField, FieldValue, Observation
from siyu.pool.fields.types import FieldInfo, FieldRow, FieldValueRow, ObservationRow
from siyu.pool.fields.values import parse_value
from siyu.pool.masking import mask_identity, mask_phone
from siyu.pool.models import Customer

HIDDEN = "****"


def field_catalogue(*, personal: bool = False) -> list[FieldInfo]:
    """The fields in use; those that identify a person only when asked for."""
    return [field for field in list_active() if personal or not field.is_personal]


def check_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Traits with the values of custom fields in canonical form; others as they are.

    Refused, naming the field, when one does not fit its type.
    """
    fields = load_fields()
    return {
        key: parse_value(fields[key], value)
        if key in fields and value not in (None, "", [])
        else value
        for key, value in traits.items()
    }


def custom_values_of(
    customer_ids: Iterable[int], fields: Collection[FieldInfo] | None = None
) -> dict[int, dict[str, Any]]:
    """Plain values of the fields in use by customer and key: mask them before showing them."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for (customer, key), row in _rows(customer_ids, list_active() if fields is None else fields):
        found[customer][key] = row.value
    return dict(found)


def list_fields(actor: Actor) -> list[FieldRow]:
    """All fields with how many customers have a value; archived ones last."""
    require(actor, "customer:read")
    filled = dict(
        FieldValue.objects.filter(position=0)
        .values("field_id")
        .annotate(n=Count("id"))
        .values_list("field_id", "n")
    )
    refused = dict(
        Observation.objects.exclude(reason="")
        .values("field_id")
        .annotate(n=Count("id"))
        .values_list("field_id", "n")
    )
    last = Customer.objects.aggregate(last=Max("id"))["last"] or 1
    return [
        FieldRow(info_of(row), filled.get(row.pk, 0), refused.get(row.pk, 0), _progress(row, last))
        for row in CustomField.objects.order_by("is_archived", "id")
    ]


def _progress(row: CustomField, last_customer: int) -> float | None:
    if row.adopt_after is not None:
        return 0.0
    return None if row.redo_after is None else min(1.0, row.redo_after / last_customer)


def values_of_customer(customer_id: int) -> list[FieldValueRow]:
    """Every field in use with the customer's value; those that identify a person are masked."""
    fields = list_active()
    told = dict(_rows([customer_id], fields))
    return [_masked(told.get((customer_id, field.key), FieldValueRow(field))) for field in fields]


def history(
    customer_id: int, key: str, cursor: str | None = None, limit: int = 50
) -> Page[ObservationRow]:
    """Every word about a field of a customer, the latest first; personal values are masked."""
    field = get_active(key)
    found = Observation.objects.filter(customer_id=customer_id, field_id=field.id)
    start = decode_cursor(cursor, int)[0] if cursor else 0
    size = max(1, min(limit, 200))
    rows = list(found.order_by("-at", "-id")[start : start + size + 1])
    told = dict(_rows([customer_id], [field])).get((customer_id, key))
    items = [_observation(field, row, told) for row in rows[:size]]
    return Page(items, encode_cursor(start + size) if len(rows) > size else None)


def reveal(actor: Actor, customer_id: int, key: str, *, now: datetime) -> Any:
    """The plain value of a field; audited. Runs inside a transaction."""
    require(actor, "customer:reveal")
    field = get_active(key)
    told = dict(_rows([customer_id], [field])).get((customer_id, key))
    record_audit(actor, "reveal_field", f"customer:{customer_id}", now=now, detail={"field": key})
    return told.value if told else None


def text_for_filter(key: str, raw: str) -> tuple[int, str]:
    """(field id, text as kept) of a value to filter by. Refused for fields that identify."""
    field = load_fields().get(key)
    if field is None or field.is_archived:
        raise NotFound("field.missing", "没有这个字段", field="field")
    if field.is_personal:
        raise Refused("field.personal", "不能按个人信息字段筛选", field="field")
    value = parse_value(field, raw)
    if field.type == "choices":
        return field.id, str(value[0])
    return field.id, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _rows(
    customer_ids: Iterable[int], fields: Collection[FieldInfo]
) -> list[tuple[tuple[int, str], FieldValueRow]]:
    by_id = {field.id: field for field in fields}
    texts: dict[tuple[int, int], list[str]] = defaultdict(list)
    words: dict[tuple[int, int], tuple[str, datetime]] = {}
    for row in FieldValue.objects.filter(
        customer_id__in=list(customer_ids), field_id__in=list(by_id)
    ).order_by("customer_id", "field_id", "position"):
        texts[row.customer_id, row.field_id].append(row.text)
        words[row.customer_id, row.field_id] = (row.source, row.at)
    return [
        (
            (customer, by_id[field].key),
            FieldValueRow(by_id[field], value_of(by_id[field], told), *words[customer, field]),
        )
        for (customer, field), told in texts.items()
    ]


def _observation(field: FieldInfo, row: Observation, told: FieldValueRow | None) -> ObservationRow:
    value = msgspec.json.decode(row.value)
    is_current = (
        told is not None
        and not row.reason
        and (row.source, row.at) == (told.source, told.at)
        and (row.mode != "set" or value == told.value or field.rule == "union")
    )
    shown = mask_value(field, value) if field.is_personal else value
    return ObservationRow(row.mode, shown, row.source, row.at, row.reason, is_current)


def _masked(row: FieldValueRow) -> FieldValueRow:
    if not row.field.is_personal or row.value is None:
        return row
    return FieldValueRow(row.field, mask_value(row.field, row.value), row.source, row.at)


def mask_value(field: FieldInfo, value: Any) -> Any:
    """How a personal value looks to who did not ask for it."""
    if isinstance(value, str) and field.type == "phone":
        return mask_phone(value)
    if isinstance(value, str) and field.type == "email" and "@" in value:
        return mask_identity("email", value)
    return HIDDEN if value is not None else None
