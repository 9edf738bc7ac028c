"""Routes of materials."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.materials import actions, queries

router = Router(tags=["materials"])


class MediaOut(Schema):
    account: str
    is_ready: bool
    expires_at: datetime | None
    error: str


class MaterialOut(Schema):
    id: int
    kind: str
    name: str
    size: int
    content_type: str
    created_at: datetime
    media: list[MediaOut]


class MaterialList(Schema):
    items: list[MaterialOut]


@router.get("/materials", response=MaterialList, operation_id="list_materials")
def list_materials(request: HttpRequest, kind: str = "") -> dict[str, object]:
    now = runtime().clock.now()
    return {"items": queries.list_materials(actor_of(request), kind=kind, now=now)}


@router.post("/materials", response={201: MaterialOut}, operation_id="add_material")
def add_material(request: HttpRequest, file: File[UploadedFile], kind: Form[str]) -> Status[object]:
    made = actions.add_material(
        actor_of(request),
        kind=kind,
        name=file.name or kind,
        content=file.read(),
        now=runtime().clock.now(),
    )
    return Status(201, made)


@router.delete(
    "/materials/{int:material_id}", response={204: None}, operation_id="archive_material"
)
def archive_material(request: HttpRequest, material_id: int) -> Status[None]:
    actions.archive_material(actor_of(request), material_id, now=runtime().clock.now())
    return Status(204, None)


@router.get("/materials/{int:material_id}/content", operation_id="get_material_content")
def get_material_content(request: HttpRequest, material_id: int) -> HttpResponse:
    content_type, content = queries.read_material(actor_of(request), material_id)
    answer = HttpResponse(content, content_type=content_type)
    if not content_type.startswith("image/"):
        answer["Content-Disposition"] = "attachment"
    return answer
