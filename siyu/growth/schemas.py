"""Shapes of the routes of growth."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from siyu.growth.types import ALL_WEEK, DAY_MINUTES


class CodeTagOut(Schema):
    id: int
    name: str
    group: str


class SlotShape(Schema):
    weekdays: list[int] = Field(list(ALL_WEEK), max_length=7)
    start: int = 0
    end: int = DAY_MINUTES


class ShiftShape(SlotShape):
    staff: list[str] = Field([], max_length=100)
    departments: list[str] = Field([], max_length=100)


class SpecialShape(ShiftShape):
    first: date
    last: date


class PlanShape(Schema):
    staff: list[str] = Field([], max_length=100)
    departments: list[str] = Field([], max_length=100)
    shifts: list[ShiftShape] = Field([], max_length=50)
    specials: list[SpecialShape] = Field([], max_length=50)
    backups: list[str] = Field([], max_length=100)
    caps: dict[str, int] = {}
    cap: int | None = None
    rotation: Literal["random", "round_robin", "least_loaded"] = "random"
    is_exclusive: bool = False
    acceptance: Literal["always", "never", "slots"] = "always"
    accept_slots: list[SlotShape] = Field([], max_length=50)


class AttachmentShape(Schema):
    kind: Literal["image", "link", "mini_program", "video", "file"]
    material: int | None = None
    title: str = Field("", max_length=64)
    url: str = Field("", max_length=2000)
    description: str = Field("", max_length=200)
    image_url: str = Field("", max_length=2000)
    app_id: str = Field("", max_length=64)
    page: str = Field("", max_length=500)


class WordsShape(Schema):
    text: str = Field("", max_length=1000)
    attachments: list[AttachmentShape] = Field([], max_length=9)


class TimedWordsShape(WordsShape):
    weekdays: list[int] = Field(list(ALL_WEEK), max_length=7)
    start: int = 0
    end: int = DAY_MINUTES


class SaysShape(WordsShape):
    times: list[TimedWordsShape] = Field([], max_length=50)


class PageShape(Schema):
    title: str = Field("", max_length=64)
    text: str = Field("", max_length=300)
    hint: str = Field("", max_length=64)


class LiveCodeOut(Schema):
    id: int
    kind: str
    name: str
    platform: str
    account: str
    channel: str
    group_id: int | None
    group: str
    state: str
    url: str
    qr_url: str
    page_path: str
    staff: list[str]
    departments: list[str]
    plan: PlanShape
    on_duty: list[str]
    on_duty_departments: list[str]
    is_accepting: bool
    error: str
    is_gone: bool
    tags: list[CodeTagOut]
    remark: str
    description: str
    welcome_text: str
    says: SaysShape
    blocked_names: list[str]
    page: PageShape
    is_active: bool
    is_archived: bool
    created_at: datetime
    added: int
    added_today: int
    lost: int
    spoke: int


class ForeignCodeOut(Schema):
    """A code that was not made here. name: the note of whoever made it."""

    id: int
    account: str
    name: str
    state: str
    staff: list[str]
    departments: list[str]
    picture_url: str
    is_accepted: bool
    read_at: datetime


class ForeignCodeList(Schema):
    items: list[ForeignCodeOut]
    next_cursor: str | None


class LiveCodeList(Schema):
    items: list[LiveCodeOut]


class LiveCodeIn(Schema):
    account: str = Field(max_length=128)
    kind: Literal["code", "link"] = "code"
    name: str = Field(max_length=64)
    channel: str = Field("", max_length=64)
    group_id: int | None = None
    staff: list[str] = Field([], max_length=100)
    plan: PlanShape | None = None
    tag_ids: list[int] = []
    remark: str = Field("", max_length=64)
    description: str = Field("", max_length=200)
    welcome_text: str = Field("", max_length=1000)
    says: SaysShape | None = None
    blocked_names: list[str] = Field([], max_length=100)
    page: PageShape | None = None
    is_open: bool = False


class LiveCodePatch(Schema):
    name: str | None = Field(None, max_length=64)
    group_id: int | None = None
    staff: list[str] | None = Field(None, max_length=100)
    plan: PlanShape | None = None
    tag_ids: list[int] | None = None
    remark: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=200)
    welcome_text: str | None = Field(None, max_length=1000)
    says: SaysShape | None = None
    blocked_names: list[str] | None = Field(None, max_length=100)
    page: PageShape | None = None
    is_open: bool | None = None
    is_active: bool | None = None
    is_archived: bool | None = None


class BatchIn(Schema):
    ids: list[int] = Field(max_length=500)
    is_active: bool | None = None
    is_archived: bool | None = None
    group_id: int | None = None
    add_staff: list[str] = Field([], max_length=100)
    drop_staff: list[str] = Field([], max_length=100)
    swap: tuple[str, str] | None = None
    add_tags: list[int] = Field([], max_length=50)
    cap: int | None = None


class FailureOut(Schema):
    id: int
    reason: str


class BatchOut(Schema):
    failed: list[FailureOut]


class CodeFolderOut(Schema):
    id: int
    name: str


class CodeFolderList(Schema):
    items: list[CodeFolderOut]


class CodeFolderIn(Schema):
    name: str = Field(max_length=64)


class DutyHour(Schema):
    at: datetime
    staff: list[str]
    departments: list[str]
    why: str
    is_accepted: bool


class DutyPreviewIn(Schema):
    plan: PlanShape
    account: str = Field("", max_length=128)
    first: date
    days: int = Field(7, ge=1, le=31)


class DutyPreview(Schema):
    items: list[DutyHour]


class ChangeOut(Schema):
    at: datetime
    actor: str
    verb: str
    detail: dict[str, Any]


class ChangeList(Schema):
    items: list[ChangeOut]


class CodeFigureRow(Schema):
    key: str
    name: str
    added: int
    lost: int
    net: int
    spoke: int
    kept_1: int
    due_1: int
    kept_7: int
    due_7: int
    kept_30: int
    due_30: int
    clicks: int
    views: int


class CodeFiguresOut(Schema):
    items: list[CodeFigureRow]
    total: CodeFigureRow


class FiguresIn(Schema):
    """ids: `3,7`, "" = all codes. staff: "" = all."""

    first: date
    last: date
    by: Literal["day", "code", "staff"] = "day"
    ids: str = ""
    staff: str = Field("", max_length=64)


class SheetIn(Schema):
    ids: str
    kind: str = "card"
    per_page: int = 8
    copies: int = 1
    logo: int = 0


class PresenceOut(Schema):
    account: str
    staff: str
    name: str
    is_online: bool
    since: datetime | None
    codes: int


class PresenceList(Schema):
    items: list[PresenceOut]


class PresenceIn(Schema):
    account: str = Field(max_length=128)
    staff: str = Field(max_length=64)
    is_online: bool


class FriendWelcomeOut(Schema):
    id: int
    account: str
    scope: str
    target: str
    says: SaysShape
    is_active: bool
    updated_at: datetime


class FriendWelcomeList(Schema):
    items: list[FriendWelcomeOut]


class FriendWelcomeIn(Schema):
    account: str = Field(max_length=128)
    scope: Literal["staff", "department", "company"]
    target: str = Field("", max_length=64)
    says: SaysShape
    is_active: bool = True


class StoreEntryOut(Schema):
    store_id: int
    name: str
    city: str
    has_place: bool
    staff: list[str]
    code_id: int | None
    group_code_id: int | None
    is_current: bool
    added: int


class StoreCodeOut(Schema):
    id: int
    name: str
    account: str
    page_path: str
    title: str
    text: str
    radius_m: int
    fallback_id: int | None
    is_active: bool
    views: int
    entries: list[StoreEntryOut]


class StoreCodeList(Schema):
    items: list[StoreCodeOut]


class StoreCodeIn(Schema):
    name: str = Field(max_length=64)
    account: str = Field(max_length=128)
    title: str = Field("", max_length=64)
    text: str = Field("", max_length=300)
    radius_m: int = 5000
    fallback_id: int | None = None
    is_active: bool = True
    groups: dict[int, int] = {}


class LinkQuotaOut(Schema):
    account: str
    total: int
    balance: int
    expiring: dict[str, int]
    read_at: datetime
    notice: str
    notice_at: datetime | None


class LinkQuotaList(Schema):
    items: list[LinkQuotaOut]


class DepartmentOut(Schema):
    account: str
    id: str
    name: str


class StaffChoice(Schema):
    account: str
    staff: str
    name: str
    is_active: bool


class Choices(Schema):
    staff: list[StaffChoice]
    departments: list[DepartmentOut]
