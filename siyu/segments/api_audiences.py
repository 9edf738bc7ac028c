"""Routes of segments side by side, over time, as files, and as uploaded lists."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from siyu.core.access import require
from siyu.core.audit import record_audit
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.pool.routes import CustomerOut
from siyu.segments import audiences, list_queries, lists
from siyu.segments.list_guessing import inspect_source
from siyu.segments.list_matching import check_kind
from siyu.segments.list_types import ListChoice, ListSource, Mode
from siyu.segments.templates import TEMPLATES, SegmentTemplate

router = Router(tags=["segments"])
Ids = Annotated[list[int], Query()]
Days = Annotated[int, Query(ge=1, le=audiences.MAX_GROWTH_DAYS)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=500)]
PastedFile = Annotated[UploadedFile | None, File()]


class SegmentTemplateOut(Schema):
    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    definition: dict[str, Any]


class SegmentTemplatesOut(Schema):
    items: list[SegmentTemplateOut]


class SegmentRegionOut(Schema):
    """Customers in all of these segments and in none of the others compared."""

    segment_ids: list[int]
    count: int


class ComparedSegmentOut(Schema):
    id: int
    name: str
    count: int


class SegmentOverlapOut(Schema):
    segments: list[ComparedSegmentOut]
    regions: list[SegmentRegionOut]
    outside: int
    took_ms: int


class SegmentDayOut(Schema):
    date: str
    size: int
    entered: int
    left: int


class SegmentCauseOut(Schema):
    cause: str
    entered: int
    left: int


class SegmentGrowthOut(Schema):
    days: list[SegmentDayOut]
    causes: list[SegmentCauseOut]


class SegmentMemberOut(Schema):
    """A member; `row` is null for a customer that is not yours to see."""

    id: int
    entered_at: dt.datetime
    cause: str
    row: CustomerOut | None


class SegmentMemberPage(Schema):
    items: list[SegmentMemberOut]
    next_cursor: str | None


class ListMissOut(Schema):
    line: int
    code: str
    shown: str


class ListCountsOut(Schema):
    lines: int
    matched: int
    unmatched: int
    ambiguous: int
    refused: int
    added: int
    removed: int
    members: int


class ListUploadOut(Schema):
    id: int
    at: dt.datetime
    actor: str
    file_name: str
    kind: str
    mode: str
    counts: ListCountsOut
    misses: list[ListMissOut]


class ListUploadsOut(Schema):
    items: list[ListUploadOut]


class ListMadeOut(Schema):
    segment_id: int
    upload: ListUploadOut


class ListColumnOut(Schema):
    index: int
    name: str
    sample: list[str]
    kind: str
    known: int
    seen: int


class ListKindOut(Schema):
    value: str
    zh: str
    en: str


class ListInspectionOut(Schema):
    columns: list[ListColumnOut]
    best: int | None
    kinds: list[ListKindOut]


class ListPasteIn(Schema):
    text: str = ""


class ListUploadIn(ListPasteIn):
    kind: str
    column: int = 0
    mode: Mode = "add"


class NewListIn(ListUploadIn):
    name: str


@router.get(
    "/segments/templates", response=SegmentTemplatesOut, operation_id="list_segment_templates"
)
def list_segment_templates(request: HttpRequest) -> dict[str, tuple[SegmentTemplate, ...]]:
    """Segments to start from."""
    require(actor_of(request), "segment:read")
    return {"items": TEMPLATES}


@router.get("/segments/overlap", response=SegmentOverlapOut, operation_id="find_segment_overlap")
def find_segment_overlap(request: HttpRequest, ids: Ids) -> audiences.Overlap:
    """Who is in which of 2 to 5 segments: every region of the picture with its count."""
    return audiences.find_overlap(actor_of(request), ids, now=runtime().clock.now())


@router.post("/segments/lists/inspect", response=ListInspectionOut, operation_id="inspect_list")
def inspect_list(request: HttpRequest, body: Form[ListPasteIn], file: PastedFile = None) -> Any:
    """Which column of a file, or whether pasted text, names people, and by what."""
    require(actor_of(request), "segment:write")
    found = inspect_source(_source(body, file))
    named = [{"value": rule.name, "zh": rule.zh, "en": rule.en} for rule in runtime().namespaces]
    own = {"value": "customer_id", "zh": "客户号", "en": "Customer number"}
    return {"columns": found.columns, "best": found.best, "kinds": [own, *named]}


@router.post("/segments/lists", response={201: ListMadeOut}, operation_id="create_list_segment")
def create_list_segment(
    request: HttpRequest, body: Form[NewListIn], file: PastedFile = None
) -> Any:
    """A segment of the people named in a file or in pasted text."""
    choice = ListChoice(check_kind(body.kind), body.column)
    made = lists.create_list(
        actor_of(request), body.name, _source(body, file), choice, now=runtime().clock.now()
    )
    return Status(201, made)


@router.post("/segments/{segment_id}/uploads", response=ListMadeOut, operation_id="upload_list")
def upload_list(
    request: HttpRequest, segment_id: int, body: Form[ListUploadIn], file: PastedFile = None
) -> Any:
    """Add people to an uploaded list, or make it exactly these."""
    choice = ListChoice(check_kind(body.kind), body.column)
    return lists.upload_list(
        actor_of(request),
        segment_id,
        _source(body, file),
        choice,
        mode=body.mode,
        now=runtime().clock.now(),
    )


@router.get("/segments/{segment_id}/uploads", response=ListUploadsOut, operation_id="list_uploads")
def list_uploads(request: HttpRequest, segment_id: int) -> Any:
    """What was uploaded into a list; nothing for segments of other kinds."""
    return {"items": list_queries.list_uploads(actor_of(request), segment_id)}


@router.get(
    "/segments/{segment_id}/uploads/{upload_id}/misses.csv", operation_id="export_list_misses"
)
def export_list_misses(
    request: HttpRequest, segment_id: int, upload_id: int
) -> StreamingHttpResponse:
    """The lines of an upload that found nobody, values masked."""
    found = list_queries.stream_misses(actor_of(request), segment_id, upload_id)
    rows = ((miss.line, miss.shown, miss.code) for miss in found)
    return answer_csv(f"misses-{upload_id}.csv", ("line", "value_masked", "code"), rows)


@router.get(
    "/segments/{segment_id}/members",
    response=SegmentMemberPage,
    operation_id="list_segment_members",
)
def list_segment_members(
    request: HttpRequest, segment_id: int, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """The members by customer number, the highest first, with since when and why."""
    return audiences.list_members(actor_of(request), segment_id, cursor=cursor, limit=limit)


@router.get("/segments/{segment_id}/export.csv", operation_id="export_segment")
def export_segment(request: HttpRequest, segment_id: int) -> StreamingHttpResponse:
    """The members as CSV, phones masked; audited."""
    actor, now = actor_of(request), runtime().clock.now()
    rows = audiences.stream_members(actor, segment_id)
    with transaction.atomic():
        record_audit(actor, "export_segment", f"segment:{segment_id}", now=now)
    return answer_csv(f"segment-{segment_id}-{now:%Y%m%d}.csv", audiences.EXPORT_HEADER, rows)


@router.get(
    "/segments/{segment_id}/growth", response=SegmentGrowthOut, operation_id="find_segment_growth"
)
def find_segment_growth(request: HttpRequest, segment_id: int, days: Days = 30) -> Any:
    """Size, entries and exits of each day, and why they came and went."""
    now = runtime().clock.now()
    return audiences.find_growth(actor_of(request), segment_id, days=days, now=now)


def _source(body: ListPasteIn, file: UploadedFile | None) -> ListSource:
    if file is not None:
        return ListSource(file.name or "file", file.file)
    if not body.text.strip():
        raise Refused("list.empty", "请选择文件或粘贴内容", field="file")
    return ListSource("", text=body.text)
