"""Routes of group codes, keyword pages and invitations."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.groups import codes, invitations, keywords
from siyu.groups.codes import GroupCodeIn
from siyu.groups.types import GroupCodeView, KeywordEntry
from siyu.kernel.clock import SHANGHAI

router = Router(tags=["groups"])
DAYS = 30


class GroupOfCodeOut(Schema):
    id: int
    name: str
    owner: str
    members: int
    is_dismissed: bool
    is_shown: bool


class GroupCodeOut(Schema):
    id: int
    account: str
    name: str
    slug: str
    state: str
    url: str
    page_path: str
    groups: list[GroupOfCodeOut]
    is_growing: bool
    base_name: str
    next_number: int
    capacity: int
    limit: int
    is_full: bool
    title: str
    text: str
    views: int
    joined: int
    present: int
    error: str
    created_at: datetime


class GroupCodeList(Schema):
    items: list[GroupCodeOut]


class GroupCodeBody(Schema):
    name: str = Field(max_length=64)
    groups: list[int] = Field(max_length=50)
    is_growing: bool = False
    base_name: str = Field("", max_length=40)
    base_number: int = Field(1, ge=0, lt=100_000)
    capacity: int = Field(0, ge=0, le=2000)
    title: str = Field("", max_length=64)
    text: str = Field("", max_length=300)


class NewGroupCode(GroupCodeBody):
    account: str = Field(max_length=128)


class GroupCodeDayOut(Schema):
    day: date
    joined: int
    left: int


class GroupCodeDayList(Schema):
    items: list[GroupCodeDayOut]


class KeywordEntryIO(Schema):
    keywords: list[str] = Field(max_length=20)
    code_id: int
    title: str = Field("", max_length=64)
    asked: int = 0


class KeywordPageIn(Schema):
    name: str = Field(max_length=64)
    title: str = Field(max_length=64)
    text: str = Field("", max_length=300)
    entries: list[KeywordEntryIO] = Field(max_length=100)
    is_active: bool = True


class KeywordPageOut(KeywordPageIn):
    id: int
    slug: str
    page_path: str
    asked: int
    missed: int
    created_at: datetime


class KeywordPageList(Schema):
    items: list[KeywordPageOut]


class GroupInvitationIn(Schema):
    name: str = Field(max_length=64)
    code_id: int
    way: str = Field(max_length=16)
    text: str = Field(max_length=1000)
    segment_id: int | None = None
    tag_id: int | None = None


class GroupInvitationOut(Schema):
    id: int
    name: str
    way: str
    code_id: int
    code_name: str
    segment_id: int | None
    tag_id: int | None
    text: str
    total: int
    sent: int
    joined: int
    created_at: datetime


class GroupInvitationList(Schema):
    items: list[GroupInvitationOut]


class GroupInviteeOut(Schema):
    id: int
    customer_id: int
    name: str
    staff: str
    state: str
    is_joined: bool


class GroupInviteePage(Schema):
    items: list[GroupInviteeOut]
    next_cursor: str | None


@router.get("/group-codes", response=GroupCodeList, operation_id="list_group_codes")
def list_group_codes(request: HttpRequest) -> GroupCodeList:
    return GroupCodeList(items=[_code(one) for one in codes.list_codes(actor_of(request))])


@router.post("/group-codes", response={201: GroupCodeOut}, operation_id="create_group_code")
def create_group_code(request: HttpRequest, body: NewGroupCode) -> Status[GroupCodeOut]:
    made = codes.create_code(actor_of(request), body.account, _given(body), now=_now())
    return Status(201, _code(made))


@router.put("/group-codes/{int:code_id}", response=GroupCodeOut, operation_id="update_group_code")
def update_group_code(request: HttpRequest, code_id: int, body: GroupCodeBody) -> GroupCodeOut:
    return _code(codes.update_code(actor_of(request), code_id, _given(body), now=_now()))


@router.delete("/group-codes/{int:code_id}", response={204: None}, operation_id="delete_group_code")
def delete_group_code(request: HttpRequest, code_id: int) -> Status[None]:
    codes.delete_code(actor_of(request), code_id, now=_now())
    return Status(204, None)


@router.get(
    "/group-codes/{int:code_id}/days",
    response=GroupCodeDayList,
    operation_id="list_group_code_days",
)
def list_group_code_days(
    request: HttpRequest, code_id: int, start: date | None = None, end: date | None = None
) -> GroupCodeDayList:
    last = end or _now().astimezone(SHANGHAI).date()
    first = start or last - timedelta(days=DAYS - 1)
    days = codes.days_of_code(actor_of(request), code_id, first, last)
    return GroupCodeDayList(items=[GroupCodeDayOut(**asdict(day)) for day in days])


@router.get("/group-codes/{int:code_id}/qr.{kind}", operation_id="get_group_code_picture")
def get_group_code_picture(request: HttpRequest, code_id: int, kind: str) -> HttpResponse:
    is_png = kind == "png"
    picture = codes.draw_code(actor_of(request), code_id, "png" if is_png else "svg")
    return HttpResponse(picture, content_type="image/png" if is_png else "image/svg+xml")


@router.get("/keyword-pages", response=KeywordPageList, operation_id="list_keyword_pages")
def list_keyword_pages(request: HttpRequest) -> KeywordPageList:
    found = keywords.list_pages(actor_of(request))
    return KeywordPageList(items=[KeywordPageOut(**asdict(one)) for one in found])


@router.post("/keyword-pages", response={201: KeywordPageOut}, operation_id="create_keyword_page")
def create_keyword_page(request: HttpRequest, body: KeywordPageIn) -> Status[KeywordPageOut]:
    return Status(201, _save_page(request, body))


@router.put(
    "/keyword-pages/{int:page_id}", response=KeywordPageOut, operation_id="update_keyword_page"
)
def update_keyword_page(request: HttpRequest, page_id: int, body: KeywordPageIn) -> KeywordPageOut:
    return _save_page(request, body, page_id)


@router.delete(
    "/keyword-pages/{int:page_id}", response={204: None}, operation_id="delete_keyword_page"
)
def delete_keyword_page(request: HttpRequest, page_id: int) -> Status[None]:
    keywords.delete_page(actor_of(request), page_id, now=_now())
    return Status(204, None)


@router.get(
    "/group-invitations", response=GroupInvitationList, operation_id="list_group_invitations"
)
def list_group_invitations(request: HttpRequest) -> GroupInvitationList:
    found = invitations.list_invitations(actor_of(request))
    return GroupInvitationList(items=[GroupInvitationOut(**asdict(one)) for one in found])


@router.post(
    "/group-invitations", response={201: GroupInvitationOut}, operation_id="create_group_invitation"
)
def create_group_invitation(
    request: HttpRequest, body: GroupInvitationIn
) -> Status[GroupInvitationOut]:
    made = invitations.create_invitation(actor_of(request), **body.dict(), now=_now())
    return Status(201, GroupInvitationOut(**asdict(made)))


@router.get(
    "/group-invitations/{int:invitation_id}/invitees",
    response=GroupInviteePage,
    operation_id="list_group_invitees",
)
def list_group_invitees(
    request: HttpRequest, invitation_id: int, cursor: str | None = None, limit: int = 50
) -> GroupInviteePage:
    page = invitations.list_invitees(actor_of(request), invitation_id, cursor, limit)
    items = [GroupInviteeOut(**asdict(one)) for one in page.items]
    return GroupInviteePage(items=items, next_cursor=page.next_cursor)


@router.post(
    "/group-invitees/{int:invitee_id}/done", response={204: None}, operation_id="tick_off_invitee"
)
def tick_off_invitee(request: HttpRequest, invitee_id: int) -> Status[None]:
    invitations.tick_off(actor_of(request), invitee_id, now=_now())
    return Status(204, None)


def _now() -> datetime:
    return runtime().clock.now()


def _given(body: GroupCodeBody) -> GroupCodeIn:
    values = body.dict()
    values.pop("account", None)
    return GroupCodeIn(**values)


def _code(code: GroupCodeView) -> GroupCodeOut:
    values = {
        name: value for name, value in asdict(code).items() if name not in {"groups", "shown"}
    }
    groups = [
        GroupOfCodeOut(
            id=one.id,
            name=one.name,
            owner=one.owner,
            members=one.members,
            is_dismissed=one.is_dismissed,
            is_shown=one.id in code.shown,
        )
        for one in code.groups
    ]
    return GroupCodeOut(**values, groups=groups)


def _save_page(
    request: HttpRequest, body: KeywordPageIn, page_id: int | None = None
) -> KeywordPageOut:
    entries = [
        KeywordEntry(keywords=one.keywords, code_id=one.code_id, title=one.title)
        for one in body.entries
    ]
    saved = keywords.save_page(
        actor_of(request),
        page_id=page_id,
        name=body.name,
        title=body.title,
        text=body.text,
        entries=entries,
        is_active=body.is_active,
        now=_now(),
    )
    return KeywordPageOut(**asdict(saved))
