"""Routes of the sidebar; only a session that came through the platform opens them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from ninja import Query, Router, Schema, Status

from siyu.core.runtime import runtime
from siyu.kernel.errors import SiyuError
from siyu.pool import queries as pool
from siyu.sidebar import actions, faces, files, session
from siyu.talk import scripts

router = Router(tags=["sidebar"], auth=session.SidebarAuth(csrf=True))
PAGE = "/sidebar"


class SignatureOut(Schema):
    timestamp: int
    nonce: str
    signature: str


class PageSetupOut(Schema):
    app_id: str
    agent_id: str
    script_url: str
    config: SignatureOut
    agent_config: SignatureOut


class SidebarTag(Schema):
    id: int
    name: str
    group: str
    color: str = ""


class SidebarMe(Schema):
    account: str
    staff: str
    csrf_token: str
    tags: list[SidebarTag]


class SidebarOrder(Schema):
    order_no: str
    placed_at: datetime
    net_fen: int
    currency: str
    status: str
    platform: str


class SidebarEvent(Schema):
    name: str
    at: datetime
    platform: str


class SidebarTask(Schema):
    id: int
    text_preview: str
    due_at: datetime


class SidebarFace(Schema):
    """fields: field → value as text. revenue_fen: after refunds."""

    name: str
    phone_masked: str
    stage: str
    platforms: list[str]
    owner: str
    friend_since: datetime | None
    order_count: int
    revenue_fen: int
    remark: str
    description: str
    fields: dict[str, str]
    tags: list[SidebarTag]
    orders: list[SidebarOrder]
    events: list[SidebarEvent]
    tasks: list[SidebarTask]


class SidebarScript(Schema):
    id: int
    group_id: int
    title: str
    text: str
    attachments: list[dict[str, str]]
    sent: int


class SidebarScriptGroup(Schema):
    id: int
    name: str
    is_mine: bool


class SidebarScripts(Schema):
    groups: list[SidebarScriptGroup]
    items: list[SidebarScript]


class SidebarFile(Schema):
    id: int
    kind: str
    name: str
    size: int


class SidebarFiles(Schema):
    items: list[SidebarFile]


class SidebarMedia(Schema):
    """media_id: "" while the file is being uploaded; ask again in a moment."""

    media_id: str


class TagIdsIn(Schema):
    tag_ids: list[int]


class RemarkIn(Schema):
    remark: str = ""
    description: str = ""


class SentOut(Schema):
    sent: int


class CameBack(Schema):
    """What the platform's login page sends back."""

    account: str
    code: str = ""
    state: str = ""


@router.get("/sidebar/login", auth=None, operation_id="begin_sidebar_login")
def begin_login(request: HttpRequest, account: str) -> HttpResponse:
    back = request.build_absolute_uri(f"/api/sidebar/back?{urlencode({'account': account})}")
    return HttpResponseRedirect(session.begin(request, account, back))


@router.get("/sidebar/back", auth=None, operation_id="finish_sidebar_login")
def finish_login(request: HttpRequest, told: Query[CameBack]) -> HttpResponse:
    """Always back to the page, which shows what went wrong."""
    query = {"account": told.account}
    try:
        session.finish(
            request, told.account, code=told.code, state=told.state, now=runtime().clock.now()
        )
    except SiyuError as error:
        query["error"] = error.code
    return HttpResponseRedirect(f"{PAGE}?{urlencode(query)}")


@router.get("/sidebar/me", response=SidebarMe, operation_id="get_sidebar_member")
def get_me(request: HttpRequest) -> dict[str, Any]:
    member = _member(request)
    tags = [{**asdict(tag), "color": tag.color} for tag in pool.list_tags()]
    return {
        "account": member.account,
        "staff": member.staff,
        "csrf_token": get_token(request),
        "tags": tags,
    }


@router.get("/sidebar/setup", response=PageSetupOut, operation_id="get_sidebar_setup")
def get_setup(request: HttpRequest, url: str) -> dict[str, Any]:
    return asdict(session.pages_of(_member(request).account).setup(url[:2048]))


@router.get("/sidebar/customers/{remote_id}", response=SidebarFace, operation_id="get_sidebar_face")
def get_face(request: HttpRequest, remote_id: str) -> dict[str, Any]:
    face = faces.get_face(_member(request), remote_id)
    row = face.profile.row
    return {
        **asdict(row),
        "friend_since": face.friend_since,
        "owner": face.owner.staff if face.owner else row.owner_staff,
        "remark": face.remark,
        "description": face.description,
        "fields": {name: str(value) for name, value in row.fields.items()},
        "tags": [asdict(tag) for tag in row.tags],
        "orders": [asdict(one) for one in face.orders],
        "events": [asdict(one) for one in face.events],
        "tasks": [asdict(one) for one in face.tasks],
    }


@router.post(
    "/sidebar/customers/{remote_id}/tags", response={204: None}, operation_id="add_sidebar_tags"
)
def add_tags(request: HttpRequest, remote_id: str, body: TagIdsIn) -> Status[None]:
    actions.add_tags(_member(request), remote_id, body.tag_ids, now=runtime().clock.now())
    return Status(204, None)


@router.put(
    "/sidebar/customers/{remote_id}/remark",
    response={204: None},
    operation_id="write_sidebar_remark",
)
def write_remark(request: HttpRequest, remote_id: str, body: RemarkIn) -> Status[None]:
    actions.write_remark(_member(request), remote_id, **body.dict(), now=runtime().clock.now())
    return Status(204, None)


@router.get("/sidebar/scripts", response=SidebarScripts, operation_id="list_sidebar_scripts")
def list_scripts(request: HttpRequest, q: str = "", group_id: int | None = None) -> dict[str, Any]:
    actor = _member(request).actor
    return {
        "groups": [asdict(one) for one in scripts.list_groups(actor)],
        "items": [asdict(one) for one in scripts.list_scripts(actor, q=q, group_id=group_id)],
    }


@router.post(
    "/sidebar/customers/{remote_id}/scripts/{script_id}/sent",
    response=SentOut,
    operation_id="note_sidebar_script",
)
def note_script(request: HttpRequest, remote_id: str, script_id: int) -> dict[str, int]:
    now = runtime().clock.now()
    return {"sent": actions.note_script(_member(request), remote_id, script_id, now=now)}


@router.get("/sidebar/materials", response=SidebarFiles, operation_id="list_sidebar_materials")
def list_files(request: HttpRequest, q: str = "") -> dict[str, Any]:
    """Files of the library to send into the chat, the newest first."""
    found = files.list_files(_member(request), q=q, now=runtime().clock.now())
    return {"items": [asdict(one) for one in found]}


@router.post(
    "/sidebar/materials/{material_id}/media",
    response=SidebarMedia,
    operation_id="get_sidebar_media",
)
def get_media(request: HttpRequest, material_id: int) -> SidebarMedia:
    """What the platform calls a file."""
    now = runtime().clock.now()
    return SidebarMedia(media_id=files.get_media(_member(request), material_id, now=now))


@router.post(
    "/sidebar/customers/{remote_id}/materials/{material_id}/sent",
    response={204: None},
    operation_id="note_sidebar_material",
)
def note_file(request: HttpRequest, remote_id: str, material_id: int) -> Status[None]:
    """A file went into the chat."""
    files.note_file(_member(request), remote_id, material_id, now=runtime().clock.now())
    return Status(204, None)


def _member(request: HttpRequest) -> session.Member:
    return cast("session.Member", request.auth)  # type: ignore[attr-defined]
