"""What the routes of tag groups and bulk tags take and give."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from siyu.pool.routes import CustomerQuery, TagOut


class TagDetailOut(Schema):
    id: int
    name: str
    expires_days: int | None
    expires_at: datetime | None


class TagGroupOut(Schema):
    """color: `#rrggbb` or "". is_exclusive: a customer shows one tag of the group."""

    id: int
    name: str
    color: str
    is_exclusive: bool
    tags: list[TagDetailOut]


class TagGroupListOut(Schema):
    items: list[TagGroupOut]


class TagGroupIn(Schema):
    name: str = Field(max_length=64)
    color: str = Field("", max_length=16)
    is_exclusive: bool = False


class TagWriteOut(Schema):
    id: int


class TagGroupOrderIn(Schema):
    ids: list[int] = Field(max_length=1000)


class TagChangeIn(Schema):
    """expires_days, expires_at: at most one."""

    name: str = Field(max_length=64)
    group_id: int = Field(ge=1, lt=2**63)
    expires_days: int | None = Field(None, ge=1, le=3660)
    expires_at: datetime | None = None


class TagMergeIn(Schema):
    into_id: int = Field(ge=1, lt=2**63)


class TagBatchPreviewIn(Schema):
    filters: CustomerQuery
    tag_ids: list[int] = Field(max_length=20)


class TagBatchPreviewOut(Schema):
    """carrying: of the customers, how many carry one of the tags already."""

    customers: int
    carrying: int


class TagBatchIn(TagBatchPreviewIn):
    is_removal: bool = False


class TagBatchOut(Schema):
    """state: running, done, undoing or undone."""

    id: int
    actor: str
    is_removal: bool
    tags: list[TagOut]
    wanted: int
    done: int
    changed: int
    state: str
    created_at: datetime
    finished_at: datetime | None
    undone_by: str


class TagBatchListOut(Schema):
    items: list[TagBatchOut]
