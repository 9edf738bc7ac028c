"""Where ids of members of staff are kept, so that a new id takes the place of an old one.

Slices' columns are listed in `site/subscriptions.py`. A platform may give a member of staff
another id; he stays who he is, and so does everything that names him.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, UniqueConstraint

Absorb = Callable[[Any, Any], object]
OnRename = Callable[[str, str, str, datetime], object]
_NOT_STAFF = "departments"
_CHUNK = 500


@dataclass(frozen=True)
class StaffColumn:
    """A column that names staff. model: `app.Model`. account: the path to whose staff, "" = any.

    is_json: lists, or objects with lists or keys, of ids. is_path: `account/staff`. only: of which rows. absorb(old, new):
    what the row of the new id takes over from that of the old one where there may be only one;
    without it the old row goes.
    """

    model: str
    column: str = "staff"
    account: str = "account"
    is_json: bool = False
    is_path: bool = False
    only: Mapping[str, Any] = field(default_factory=dict)
    absorb: Absorb | None = None


_columns: dict[tuple[str, str, str], StaffColumn] = {}
_callbacks: list[OnRename] = []


def register(column: StaffColumn) -> None:
    """The column follows renamings. Registering twice is once."""
    _columns[column.model, column.column, column.account] = column


def on_rename(callback: OnRename) -> None:
    """Call back with (account, before, after, now) once all columns have the new id."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def replace_id(account: str, before: str, after: str, now: datetime) -> None:
    """Everything that named `before` names `after`. Inside a transaction."""
    for column in _columns.values():
        rows = _rows(column, account)
        if column.is_json:
            _replace_in_json(rows, column.column, before, after)
        else:
            lead = f"{account}/" if column.is_path else ""
            _merge_twins(rows, column, lead + before, lead + after)
            rows.filter(**{column.column: lead + before}).update(**{column.column: lead + after})
    for callback in _callbacks:
        callback(account, before, after, now)


def _rows(column: StaffColumn, account: str) -> QuerySet[Any]:
    model: type[Model] = apps.get_model(column.model)
    place = {column.account: account} if column.account else {}
    return model._default_manager.filter(**place, **column.only)


def _merge_twins(rows: QuerySet[Any], column: StaffColumn, before: str, after: str) -> None:
    """Rows of the old id that could not stand beside one of the new id."""
    name = column.column
    for constraint in rows.model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint) or name not in constraint.fields:
            continue
        others = [one for one in constraint.fields if one != name]
        same = {one: OuterRef(one) for one in others}
        held = constraint.condition or Q()
        twins = rows.filter(held, **{name: before}).filter(
            Exists(rows.model._default_manager.filter(held, **{name: after}, **same))
        )
        if column.absorb is not None:
            for old in twins.iterator(_CHUNK):
                new = rows.get(**{name: after}, **{one: getattr(old, one) for one in others})
                column.absorb(old, new)
                new.save()
        twins.delete()


def _replace_in_json(rows: QuerySet[Any], name: str, before: str, after: str) -> None:
    for row in rows.only("pk", name).iterator(_CHUNK):
        told = getattr(row, name)
        changed = renamed(told, before, after)
        if changed != told:
            rows.model._default_manager.filter(pk=row.pk).update(**{name: changed})


def renamed(value: Any, before: str, after: str) -> Any:
    """A JSON value with the new id in its lists, as its keys and as the value of `staff`."""
    if isinstance(value, list):
        found = [after if one == before else renamed(one, before, after) for one in value]
        return list(dict.fromkeys(found)) if all(isinstance(one, str) for one in found) else found
    if not isinstance(value, dict):
        return value
    return {
        (after if key == before else key): (
            one
            if key == _NOT_STAFF
            else after
            if key == "staff" and one == before
            else renamed(one, before, after)
        )
        for key, one in value.items()
    }
