"""The custom fields there are, as values."""

from __future__ import annotations

from siyu.kernel.errors import NotFound
from siyu.pool.fields.models import CustomField
from siyu.pool.fields.types import FieldChoice, FieldInfo


def load_fields() -> dict[str, FieldInfo]:
    """All custom fields by key, archived ones too, in order of definition."""
    return {row.key: info_of(row) for row in CustomField.objects.order_by("id")}


def list_active() -> list[FieldInfo]:
    """The fields in use, in order of definition."""
    return [field for field in load_fields().values() if not field.is_archived]


def get_active(key: str) -> FieldInfo:
    """A field in use; NotFound."""
    found = load_fields().get(key)
    if found is None or found.is_archived:
        raise NotFound("field.missing", "没有这个字段", field=key)
    return found


def info_of(row: CustomField) -> FieldInfo:
    """A row as a value."""
    return FieldInfo(
        id=row.pk,
        key=row.key,
        zh=row.zh,
        en=row.en,
        type=row.kind,
        choices=tuple(FieldChoice(**choice) for choice in row.choices),
        is_personal=row.is_personal,
        is_archived=row.is_archived,
        is_listed=row.is_listed,
        rule=row.rule,
        sources=tuple(row.sources),
        description=row.description,
    )
