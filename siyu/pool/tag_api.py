"""Routes of tag groups, what a tag is, and tags for many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.pool import actions, tag_batches, tag_groups
from siyu.pool import tag_schemas as schemas
from siyu.pool.types import CustomerFilter, TagBatchRow, TagGroupRow

router = Router(tags=["pool"])
Id = Annotated[int, Path(ge=1, lt=2**63)]


def _now() -> datetime:
    return runtime().clock.now()


@router.get("/tag-groups", response=schemas.TagGroupListOut, operation_id="list_tag_groups")
def list_tag_groups(request: HttpRequest) -> dict[str, list[TagGroupRow]]:
    """All tag groups with their tags in use, in order."""
    return {"items": tag_groups.list_groups(actor_of(request))}


@router.post("/tag-groups", response=schemas.TagWriteOut, operation_id="create_tag_group")
def create_tag_group(request: HttpRequest, body: schemas.TagGroupIn) -> dict[str, int]:
    """A new group."""
    draft = tag_groups.GroupDraft(body.name, body.color, body.is_exclusive)
    return {"id": tag_groups.create_group(actor_of(request), draft, now=_now())}


@router.post("/tag-groups/order", response={204: None}, operation_id="order_tag_groups")
def order_tag_groups(request: HttpRequest, body: schemas.TagGroupOrderIn) -> Status[None]:
    """Put the groups in this order."""
    tag_groups.order_groups(actor_of(request), body.ids, now=_now())
    return Status(204, None)


@router.patch("/tag-groups/{group_id}", response={204: None}, operation_id="update_tag_group")
def update_tag_group(request: HttpRequest, group_id: Id, body: schemas.TagGroupIn) -> Status[None]:
    """Change a group."""
    draft = tag_groups.GroupDraft(body.name, body.color, body.is_exclusive)
    tag_groups.update_group(actor_of(request), group_id, draft, now=_now())
    return Status(204, None)


@router.delete("/tag-groups/{group_id}", response={204: None}, operation_id="delete_tag_group")
def delete_tag_group(request: HttpRequest, group_id: Id) -> Status[None]:
    """Remove an empty group."""
    tag_groups.delete_group(actor_of(request), group_id, now=_now())
    return Status(204, None)


@router.patch("/tags/{tag_id}", response={204: None}, operation_id="update_tag")
def update_tag(request: HttpRequest, tag_id: Id, body: schemas.TagChangeIn) -> Status[None]:
    """Rename a tag, move it, change its expiry."""
    draft = tag_groups.TagDraft(body.name, body.group_id, body.expires_days, body.expires_at)
    tag_groups.update_tag(actor_of(request), tag_id, draft, now=_now())
    return Status(204, None)


@router.delete("/tags/{tag_id}", response={204: None}, operation_id="archive_tag")
def archive_tag(request: HttpRequest, tag_id: Id) -> Status[None]:
    """Take a tag off everybody."""
    actions.archive_tag(actor_of(request), tag_id, now=_now())
    return Status(204, None)


@router.post("/tags/{tag_id}/merge", response={204: None}, operation_id="merge_tags")
def merge_tags(request: HttpRequest, tag_id: Id, body: schemas.TagMergeIn) -> Status[None]:
    """Everybody with this tag carries the other instead."""
    tag_groups.merge_tags(actor_of(request), tag_id, body.into_id, now=_now())
    return Status(204, None)


@router.post(
    "/tag-batches/preview", response=schemas.TagBatchPreviewOut, operation_id="preview_tag_batch"
)
def preview_tag_batch(request: HttpRequest, body: schemas.TagBatchPreviewIn) -> dict[str, int]:
    """How many customers a batch would reach."""
    filters = CustomerFilter(**body.filters.dict())
    customers, carrying = tag_batches.preview_batch(actor_of(request), filters, body.tag_ids)
    return {"customers": customers, "carrying": carrying}


@router.post("/tag-batches", response=schemas.TagWriteOut, operation_id="start_tag_batch")
def start_tag_batch(request: HttpRequest, body: schemas.TagBatchIn) -> dict[str, int]:
    """Begin to put tags on, or take them off, many customers."""
    filters = CustomerFilter(**body.filters.dict())
    batch = tag_batches.start_batch(
        actor_of(request), filters, body.tag_ids, is_removal=body.is_removal, now=_now()
    )
    return {"id": batch}


@router.get("/tag-batches", response=schemas.TagBatchListOut, operation_id="list_tag_batches")
def list_tag_batches(request: HttpRequest) -> dict[str, list[TagBatchRow]]:
    """The latest batches and how far they are."""
    return {"items": tag_batches.list_batches(actor_of(request))}


@router.post("/tag-batches/{batch_id}/undo", response={204: None}, operation_id="undo_tag_batch")
def undo_tag_batch(request: HttpRequest, batch_id: Id) -> Status[None]:
    """Begin to take a finished batch back."""
    tag_batches.undo_batch(actor_of(request), batch_id, now=_now())
    return Status(204, None)
