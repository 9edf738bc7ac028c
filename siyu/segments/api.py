"""Routes of segments: list, edit, preview, members, explanation, and the builder's catalogue."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.pool.queries import names_of
from siyu.segments import actions, queries
from siyu.segments.catalogue import build_catalogue

router = Router(tags=["segments"])
Json = dict[str, Any]


class SegmentOut(Schema):
    id: int
    name: str
    count: int
    version: int
    is_archived: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    definition: Json


class SegmentList(Schema):
    items: list[SegmentOut]


class SegmentIn(Schema):
    """version: that of the segment that was edited; another one by now is a conflict."""

    name: str = Field(min_length=1, max_length=64)
    definition: Json
    version: int | None = None


class SegmentId(Schema):
    id: int


class DefinitionIn(Schema):
    definition: Json


class SampleOut(Schema):
    id: int
    name: str


class ConditionOut(Schema):
    """passed: who fulfils this and the conditions before it, where the root asks for all."""

    path: str
    label: str
    count: int
    passed: int | None


class PreviewOut(Schema):
    count: int
    total: int
    took_ms: int
    sql: str
    sample: list[SampleOut]
    conditions: list[ConditionOut]


class ChoiceOut(Schema):
    """A known value of a field, with its names."""

    value: int | str
    zh: str
    en: str


class PropertyOut(Schema):
    """A property that demands may name. event: of which event; of_line: of a line of an order."""

    property: str
    zh: str
    en: str
    type: str
    event: str = ""
    of_line: bool = False
    values: list[ChoiceOut]


class ConditionFieldOut(Schema):
    """missing: `never`, or `fails` = who has no value does not fulfil the condition."""

    op: str
    field: str
    zh: str
    en: str
    type: str
    cmps: list[str]
    values: list[ChoiceOut]
    missing: str
    windows: bool
    has: bool
    where: list[PropertyOut]


class FieldGroup(Schema):
    key: str
    zh: str
    en: str
    fields: list[ConditionFieldOut]


class ComparisonOut(Schema):
    """takes: `one`, `many`, `two` values, or a `bool`."""

    value: str
    zh: str
    en: str
    takes: str


class MissingOut(Schema):
    zh: str
    en: str


class LimitsOut(Schema):
    nodes: int
    depth: int
    list: int
    text: int
    days: int
    steps: int


class FieldCatalogue(Schema):
    groups: list[FieldGroup]
    cmps: list[ComparisonOut]
    missing: MissingOut
    limits: LimitsOut


class ExplanationOut(Schema):
    path: str
    op: str
    label: str
    holds: bool
    actual: str | None
    next_change_at: dt.datetime | None
    children: list[ExplanationOut]


class HistoryOut(Schema):
    at: dt.datetime
    count: int


class HistoryList(Schema):
    items: list[HistoryOut]


@router.get("/segments", response=SegmentList, operation_id="list_segments")
def list_segments(request: HttpRequest, is_archived: bool = False) -> Any:  # noqa: FBT001, FBT002
    """All segments in use, or those archived, newest first."""
    return {"items": queries.list_segments(actor_of(request), is_archived=is_archived)}


@router.post("/segments", response={201: SegmentId}, operation_id="create_segment")
def create_segment(request: HttpRequest, body: SegmentIn) -> Any:
    """Make a segment; its members are there when this answers."""
    now = runtime().clock.now()
    created = actions.create_segment(actor_of(request), body.name, body.definition, now=now)
    return Status(201, {"id": created})


@router.post("/segments/preview", response=PreviewOut, operation_id="preview_segment")
def preview_segment(request: HttpRequest, body: DefinitionIn) -> Any:
    """How many customers a definition has now, a sample, and the count of every condition."""
    found = queries.preview(actor_of(request), body.definition, now=runtime().clock.now())
    names = names_of(found.sample_ids)
    sample = [SampleOut(id=who, name=names.get(who, "")) for who in found.sample_ids]
    return PreviewOut(
        count=found.count,
        total=found.total,
        took_ms=found.took_ms,
        sql=found.sql,
        sample=sample,
        conditions=[
            ConditionOut(path=c.path, label=c.label, count=c.count, passed=c.passed)
            for c in found.conditions
        ],
    )


@router.get("/segments/fields", response=FieldCatalogue, operation_id="list_segment_fields")
def list_segment_fields(request: HttpRequest) -> Any:
    """What the builder offers."""
    actor = actor_of(request)
    require(actor, "segment:read")
    return build_catalogue(actor)


@router.get("/segments/{segment_id}", response=SegmentOut, operation_id="get_segment")
def get_segment(request: HttpRequest, segment_id: int) -> Any:
    """One segment."""
    return queries.get_segment(actor_of(request), segment_id)


@router.put("/segments/{segment_id}", response=SegmentOut, operation_id="update_segment")
def update_segment(request: HttpRequest, segment_id: int, body: SegmentIn) -> Any:
    """Change a segment and its members."""
    actor, now = actor_of(request), runtime().clock.now()
    actions.update_segment(
        actor, segment_id, body.name, body.definition, now=now, version=body.version
    )
    return queries.get_segment(actor, segment_id)


@router.delete("/segments/{segment_id}", response={204: None}, operation_id="archive_segment")
def archive_segment(request: HttpRequest, segment_id: int) -> Any:
    """Archive a segment: everybody leaves it, its history stays."""
    actions.archive_segment(actor_of(request), segment_id, now=runtime().clock.now())
    return Status(204, None)


@router.get(
    "/segments/{segment_id}/explain/{customer_id}",
    response=ExplanationOut,
    operation_id="explain_segment",
)
def explain_segment(request: HttpRequest, segment_id: int, customer_id: int) -> Any:
    """Which conditions hold for one customer, and what is known."""
    now = runtime().clock.now()
    return queries.explain(actor_of(request), segment_id, customer_id, now=now)


@router.get(
    "/segments/{segment_id}/history", response=HistoryList, operation_id="list_segment_history"
)
def list_segment_history(request: HttpRequest, segment_id: int) -> Any:
    """Members at the end of each of the last 30 days."""
    now = runtime().clock.now()
    return {"items": queries.history(actor_of(request), segment_id, now=now)}
