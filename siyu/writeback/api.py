"""Routes of tags and remarks that go to the platforms."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.writeback import actions, queries
from siyu.writeback.types import RemarkDraft

router = Router(tags=["writeback"])
Id = Annotated[int, Path(ge=1, lt=2**63)]


class RefusalOut(Schema):
    reason: str
    count: int


class NameSyncOut(Schema):
    """A tag or group that was called `before` and is called `name`; name "" = it was archived.
    state: "" = written, waiting, refused, or yielded: the name given there stands.
    """

    kind: str
    before: str
    name: str
    state: str
    reason: str


class TagSyncOut(Schema):
    account: str
    group_id: int
    is_on: bool
    is_walking: bool
    written: int
    waiting: int
    refused: int
    reasons: list[RefusalOut]
    names: list[NameSyncOut]


class TagSyncList(Schema):
    """accounts: those whose platforms have tags."""

    accounts: list[str]
    items: list[TagSyncOut]


class TagSyncIn(Schema):
    account: str = Field(max_length=128)
    group_id: int = Field(ge=1, lt=2**63)
    is_on: bool


class TagSyncRetryIn(Schema):
    account: str = Field(max_length=128)
    group_id: int = Field(ge=1, lt=2**63)


class RetriedOut(Schema):
    count: int


class RelationRemarkOut(Schema):
    """mobiles are masked. state: "", waiting or refused."""

    account: str
    staff: str
    identity_id: int
    can_write: bool
    remark: str
    description: str
    company: str
    mobiles: list[str]
    state: str
    reason: str
    done_at: datetime | None


class RelationRemarkList(Schema):
    items: list[RelationRemarkOut]


class RelationRemarkIn(Schema):
    """null = leave as it is. identity_id: which friendship of one guide; null = any."""

    account: str = Field(max_length=128)
    staff: str = Field(max_length=64)
    identity_id: int | None = None
    remark: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=200)
    company: str | None = Field(None, max_length=64)
    mobiles: list[Annotated[str, Field(max_length=32)]] | None = Field(None, max_length=5)


@router.get("/tag-sync", response=TagSyncList, operation_id="list_tag_sync")
def list_tag_sync(request: HttpRequest) -> TagSyncList:
    """Which tag groups are kept equal on which accounts, and how far."""
    actor = actor_of(request)
    items = [
        TagSyncOut(**{**asdict(one), "reasons": [_reason(*pair) for pair in one.reasons]})
        for one in queries.list_group_states(actor)
    ]
    return TagSyncList(accounts=queries.list_tag_accounts(actor), items=items)


@router.put("/tag-sync", response={204: None}, operation_id="switch_tag_sync")
def switch_tag_sync(request: HttpRequest, body: TagSyncIn) -> Status[None]:
    """Begin or stop keeping a tag group equal on an account."""
    actions.switch_group(
        actor_of(request),
        body.account,
        body.group_id,
        is_on=body.is_on,
        now=runtime().clock.now(),
    )
    return Status(204, None)


@router.post("/tag-sync/retry", response=RetriedOut, operation_id="retry_tag_sync")
def retry_tag_sync(request: HttpRequest, body: TagSyncRetryIn) -> RetriedOut:
    """Try again what was refused."""
    now = runtime().clock.now()
    count = actions.retry_group(actor_of(request), body.account, body.group_id, now=now)
    return RetriedOut(count=count)


@router.get(
    "/customers/{customer_id}/remarks", response=RelationRemarkList, operation_id="list_remarks"
)
def list_remarks(request: HttpRequest, customer_id: Id) -> RelationRemarkList:
    """What each of our staff calls a customer."""
    views = queries.list_remarks(actor_of(request), customer_id)
    return RelationRemarkList(items=[RelationRemarkOut(**asdict(one)) for one in views])


@router.put("/customers/{customer_id}/remarks", response={202: None}, operation_id="write_remark")
def write_remark(request: HttpRequest, customer_id: Id, body: RelationRemarkIn) -> Status[None]:
    """Write a remark to the platform; done within seconds."""
    said = (body.remark, body.description, body.company, body.mobiles)
    draft = RemarkDraft(*said, identity_id=body.identity_id)
    now = runtime().clock.now()
    actions.write_remark(actor_of(request), customer_id, body.account, body.staff, draft, now=now)
    return Status(202, None)


def _reason(reason: str, count: int) -> RefusalOut:
    return RefusalOut(reason=reason, count=count)
