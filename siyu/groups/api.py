"""Routes of groups."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Query, Router, Schema, Status

from siyu.core.access import require
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.groups import actions, counting, queries
from siyu.groups.types import GroupFilter
from siyu.kernel.clock import SHANGHAI

router = Router(tags=["groups"])
DAYS = 30


class GroupOut(Schema):
    id: int
    account: str
    platform: str
    remote_id: str
    name: str
    owner: str
    notice: str
    admins: list[str]
    labels: list[str]
    created_at: datetime | None
    dismissed_at: datetime | None
    read_at: datetime | None
    members: int
    staff: int
    customers: int
    outsiders: int
    joined_today: int
    left_today: int
    error: str


class GroupQuery(Schema):
    text: str = Field("", max_length=64)
    owner: str = Field("", max_length=64)
    label: str = Field("", max_length=30)
    account: str = Field("", max_length=128)
    is_dismissed: bool | None = False


class MemberQuery(Schema):
    is_present: bool = True
    kind: str = Field("", max_length=16)


class GroupPage(Schema):
    items: list[GroupOut]
    next_cursor: str | None
    total: int


class GroupMemberOut(Schema):
    id: int
    kind: str
    remote_id: str
    customer_id: int | None
    name: str
    joined_at: datetime
    join_kind: str
    state: str
    invitor: str
    left_at: datetime | None
    leave_kind: str


class GroupMemberPage(Schema):
    items: list[GroupMemberOut]
    next_cursor: str | None


class GroupDayOut(Schema):
    day: date
    joined: int
    left: int
    members: int


class GroupDayList(Schema):
    items: list[GroupDayOut]


class OwnerDayOut(Schema):
    day: date
    owner: str
    groups: int
    new_groups: int
    members: int
    new_members: int
    speakers: int | None
    messages: int | None


class OwnerDayList(Schema):
    items: list[OwnerDayOut]


class InGroup(Schema):
    id: int
    name: str
    owner: str


class DuplicateOut(Schema):
    remote_id: str
    customer_id: int | None
    name: str
    account: str
    groups: list[InGroup]


class DuplicatePage(Schema):
    items: list[DuplicateOut]
    next_cursor: str | None
    total: int


class GroupLabelOut(Schema):
    name: str
    groups: int


class GroupLabelList(Schema):
    items: list[GroupLabelOut]


class GroupLabelIn(Schema):
    group_ids: list[int] = Field(max_length=1000)
    add: list[str] = Field([], max_length=20)
    remove: list[str] = Field([], max_length=100)


class DuplicateRemindIn(Schema):
    text: str = Field(min_length=1, max_length=1000)
    account: str = Field("", max_length=128)


class DuplicateRemindOut(Schema):
    planned: int


class GroupWelcomeIn(Schema):
    account: str = Field(max_length=128)
    name: str = Field(max_length=64)
    text: str = Field("", max_length=1000)
    attachment: dict[str, str] | None = None
    owners: list[str] = Field([], max_length=1000)


class GroupWelcomeOut(Schema):
    id: int
    account: str
    name: str
    text: str
    attachment: dict[str, str] | None
    owners: list[str]
    created_at: datetime


class GroupWelcomeList(Schema):
    items: list[GroupWelcomeOut]


@router.get("/groups", response=GroupPage, operation_id="list_groups")
def list_groups(
    request: HttpRequest,
    query: Query[GroupQuery],
    cursor: str | None = None,
    limit: int = 50,
) -> GroupPage:
    actor, now = actor_of(request), runtime().clock.now()
    filters = GroupFilter(**query.dict())
    page = queries.list_groups(actor, filters, cursor, limit, now=now)
    return GroupPage(
        items=[GroupOut(**asdict(item)) for item in page.items],
        next_cursor=page.next_cursor,
        total=queries.count_groups(actor, filters),
    )


@router.get("/groups/days", response=GroupDayList, operation_id="list_group_days")
def list_group_days(
    request: HttpRequest, start: date | None = None, end: date | None = None
) -> GroupDayList:
    first, last = _span(start, end)
    days = counting.days_of(actor_of(request), None, first, last)
    return GroupDayList(items=[GroupDayOut(**asdict(day)) for day in days])


@router.get("/groups/owner-days", response=OwnerDayList, operation_id="list_group_owner_days")
def list_group_owner_days(
    request: HttpRequest, start: date | None = None, end: date | None = None, owner: str = ""
) -> OwnerDayList:
    first, last = _span(start, end)
    days = counting.owner_days(actor_of(request), first, last, owner)
    return OwnerDayList(items=[OwnerDayOut(**asdict(day)) for day in days])


@router.get("/groups/labels", response=GroupLabelList, operation_id="list_group_labels")
def list_group_labels(request: HttpRequest) -> GroupLabelList:
    found = queries.list_labels(actor_of(request))
    return GroupLabelList(items=[GroupLabelOut(name=name, groups=count) for name, count in found])


@router.post("/groups/labels", response={204: None}, operation_id="label_groups")
def label_groups(request: HttpRequest, body: GroupLabelIn) -> Status[None]:
    actions.label_groups(
        actor_of(request),
        body.group_ids,
        add=body.add,
        remove=body.remove,
        now=runtime().clock.now(),
    )
    return Status(204, None)


@router.get("/groups/duplicates", response=DuplicatePage, operation_id="list_group_duplicates")
def list_group_duplicates(
    request: HttpRequest, account: str = "", cursor: str | None = None, limit: int = 50
) -> DuplicatePage:
    actor = actor_of(request)
    page = counting.list_duplicates(actor, cursor, limit, account=account)
    items = [
        DuplicateOut(
            remote_id=one.remote_id,
            customer_id=one.customer_id,
            name=one.name,
            account=one.account,
            groups=[InGroup(id=pk, name=name, owner=owner) for pk, name, owner in one.groups],
        )
        for one in page.items
    ]
    total = counting.count_duplicates(actor, account=account)
    return DuplicatePage(items=items, next_cursor=page.next_cursor, total=total)


@router.get("/groups/duplicates.csv", operation_id="export_group_duplicates")
def export_group_duplicates(request: HttpRequest, account: str = "") -> StreamingHttpResponse:
    actor = actor_of(request)
    require(actor, "customer:export")
    rows = (
        (
            one.customer_id or "",
            one.name,
            len(one.groups),
            "、".join(name for _, name, _ in one.groups),
        )
        for one in counting.stream_duplicates(actor, account=account)
    )
    return answer_csv("group-duplicates.csv", ("客户编号", "名称", "群数", "所在群"), rows)


@router.post(
    "/groups/duplicates/remind", response=DuplicateRemindOut, operation_id="remind_group_duplicates"
)
def remind_group_duplicates(request: HttpRequest, body: DuplicateRemindIn) -> DuplicateRemindOut:
    now = runtime().clock.now()
    planned = actions.remind_duplicates(actor_of(request), body.text, account=body.account, now=now)
    return DuplicateRemindOut(planned=planned)


@router.get("/groups/{int:group_id}", response=GroupOut, operation_id="get_group")
def get_group(request: HttpRequest, group_id: int) -> GroupOut:
    group = queries.get_group(actor_of(request), group_id, now=runtime().clock.now())
    return GroupOut(**asdict(group))


@router.get(
    "/groups/{int:group_id}/members", response=GroupMemberPage, operation_id="list_group_members"
)
def list_members(
    request: HttpRequest,
    group_id: int,
    query: Query[MemberQuery],
    cursor: str | None = None,
    limit: int = 50,
) -> GroupMemberPage:
    page = queries.list_members(
        actor_of(request),
        group_id,
        is_present=query.is_present,
        kind=query.kind,
        cursor=cursor,
        limit=limit,
    )
    items = [GroupMemberOut(**asdict(item)) for item in page.items]
    return GroupMemberPage(items=items, next_cursor=page.next_cursor)


@router.get("/groups/{int:group_id}/days", response=GroupDayList, operation_id="list_days_of_group")
def list_days_of_group(
    request: HttpRequest, group_id: int, start: date | None = None, end: date | None = None
) -> GroupDayList:
    first, last = _span(start, end)
    days = counting.days_of(actor_of(request), group_id, first, last)
    return GroupDayList(items=[GroupDayOut(**asdict(day)) for day in days])


@router.post("/groups/{int:group_id}/refresh", response={204: None}, operation_id="refresh_group")
def refresh_group(request: HttpRequest, group_id: int) -> Status[None]:
    actions.refresh_group(actor_of(request), group_id, now=runtime().clock.now())
    return Status(204, None)


@router.get("/group-welcomes", response=GroupWelcomeList, operation_id="list_group_welcomes")
def list_group_welcomes(request: HttpRequest) -> GroupWelcomeList:
    found = queries.list_welcomes(actor_of(request))
    return GroupWelcomeList(items=[GroupWelcomeOut(**asdict(one)) for one in found])


@router.post(
    "/group-welcomes", response={201: GroupWelcomeOut}, operation_id="create_group_welcome"
)
def create_group_welcome(request: HttpRequest, body: GroupWelcomeIn) -> Status[GroupWelcomeOut]:
    made = actions.save_welcome(
        actor_of(request),
        account=body.account,
        name=body.name,
        text=body.text,
        attachment=body.attachment,
        owners=body.owners,
        now=runtime().clock.now(),
    )
    return Status(201, GroupWelcomeOut(**asdict(made)))


@router.put(
    "/group-welcomes/{int:welcome_id}",
    response=GroupWelcomeOut,
    operation_id="update_group_welcome",
)
def update_group_welcome(
    request: HttpRequest, welcome_id: int, body: GroupWelcomeIn
) -> GroupWelcomeOut:
    made = actions.save_welcome(
        actor_of(request),
        welcome_id=welcome_id,
        account=body.account,
        name=body.name,
        text=body.text,
        attachment=body.attachment,
        owners=body.owners,
        now=runtime().clock.now(),
    )
    return GroupWelcomeOut(**asdict(made))


@router.delete(
    "/group-welcomes/{int:welcome_id}", response={204: None}, operation_id="delete_group_welcome"
)
def delete_group_welcome(request: HttpRequest, welcome_id: int) -> Status[None]:
    actions.delete_welcome(actor_of(request), welcome_id, now=runtime().clock.now())
    return Status(204, None)


def _span(start: date | None, end: date | None) -> tuple[date, date]:
    """The days asked for; the last 30 when nothing is said."""
    last = end or runtime().clock.now().astimezone(SHANGHAI).date()
    return start or last - timedelta(days=DAYS - 1), last
