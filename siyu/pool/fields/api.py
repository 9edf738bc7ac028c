"""Routes of custom fields and their values."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.kernel.paging import Page
from siyu.pool.fields import actions, queries, schemas
from siyu.pool.fields.types import FieldRow, FieldValueRow
from siyu.pool.queries import current_customer_id, require_visible

router = Router(tags=["pool"])
Id = Annotated[int, Path(ge=1, lt=2**63)]
Key = Annotated[str, Path(max_length=64)]
Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _now() -> datetime:
    return runtime().clock.now()


def _visible(request: HttpRequest, customer_id: int) -> int:
    """Today's id of a customer the caller may see."""
    actor = actor_of(request)
    require(actor, "customer:read")
    current = current_customer_id(customer_id)
    require_visible(actor, current)
    return current


@router.get(
    "/custom-fields", response=schemas.CustomFieldListOut, operation_id="list_custom_fields"
)
def list_custom_fields(request: HttpRequest) -> dict[str, list[FieldRow]]:
    """All custom fields, archived ones last."""
    return {"items": queries.list_fields(actor_of(request))}


@router.post(
    "/custom-fields", response=schemas.CustomFieldIdOut, operation_id="create_custom_field"
)
def create_custom_field(request: HttpRequest, body: schemas.CustomFieldIn) -> dict[str, int]:
    """Define a field."""
    draft = body.draft(body.key, body.type)
    return {"id": actions.create_field(actor_of(request), draft, now=_now())}


@router.patch("/custom-fields/{field_id}", response={204: None}, operation_id="update_custom_field")
def update_custom_field(
    request: HttpRequest, field_id: Id, body: schemas.CustomFieldChangeIn
) -> Status[None]:
    """Change a field; a changed rule is worked out again over the history."""
    actions.update_field(actor_of(request), field_id, body.draft(), now=_now())
    return Status(204, None)


@router.post(
    "/custom-fields/{field_id}/archive",
    response={204: None},
    operation_id="archive_custom_field",
)
def archive_custom_field(
    request: HttpRequest, field_id: Id, body: schemas.CustomFieldArchiveIn
) -> Status[None]:
    """Take a field out of use, or bring it back."""
    actions.archive_field(actor_of(request), field_id, is_archived=body.is_archived, now=_now())
    return Status(204, None)


@router.get(
    "/customers/{customer_id}/fields",
    response=schemas.FieldValuesOut,
    operation_id="get_customer_fields",
)
def get_customer_fields(request: HttpRequest, customer_id: Id) -> dict[str, list[FieldValueRow]]:
    """A customer's values of all fields in use."""
    return {"items": queries.values_of_customer(_visible(request, customer_id))}


@router.post(
    "/customers/{customer_id}/fields",
    response=schemas.FieldValuesOut,
    operation_id="set_customer_fields",
)
def set_customer_fields(
    request: HttpRequest, customer_id: Id, body: schemas.FieldValuesIn
) -> dict[str, list[FieldValueRow]]:
    """Values by hand, all or none; what the fields have then by their rules."""
    actions.set_values(actor_of(request), customer_id, body.values, now=_now())
    return {"items": queries.values_of_customer(_visible(request, customer_id))}


@router.get(
    "/customers/{customer_id}/fields/{key}/history",
    response=schemas.ObservationPageOut,
    operation_id="list_field_history",
)
def list_field_history(
    request: HttpRequest, customer_id: Id, key: Key, cursor: Cursor = "", limit: Limit = 50
) -> Page[Any]:
    """Every word about a field of a customer, the latest first."""
    return queries.history(_visible(request, customer_id), key, cursor, limit)


@router.get(
    "/customers/{customer_id}/fields/{key}/reveal",
    response=schemas.RevealedFieldOut,
    operation_id="reveal_field",
)
def reveal_field(request: HttpRequest, customer_id: Id, key: Key) -> dict[str, Any]:
    """The plain value of a personal field; audited."""
    actor = actor_of(request)
    require(actor, "customer:reveal")
    current = _visible(request, customer_id)
    with transaction.atomic():
        return {"value": queries.reveal(actor, current, key, now=_now())}
