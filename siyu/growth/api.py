"""Routes of live codes and links."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from siyu.core.access import require
from siyu.core.audit import list_changes
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.growth import actions, figures, queries, rules, sheets
from siyu.growth.arrangements import check_plan, read_plan
from siyu.growth.batch import BatchChange, change_codes
from siyu.growth.pictures import draw
from siyu.growth.schemas import (
    BatchIn,
    BatchOut,
    ChangeList,
    CodeFiguresOut,
    CodeFolderIn,
    CodeFolderList,
    CodeFolderOut,
    DutyPreview,
    DutyPreviewIn,
    FiguresIn,
    LiveCodeIn,
    LiveCodeList,
    LiveCodeOut,
    LiveCodePatch,
    SheetIn,
)
from siyu.growth.types import Books, CodeDay, LiveCodeView
from siyu.kernel.clock import SHANGHAI
from siyu.materials.queries import read_material

router = Router(tags=["growth"])
CHANGES = 100
NESTED = ("plan", "says", "page")
FIGURE_WORDS = {
    "key": "日期或编号",
    "name": "名称",
    "added": "添加",
    "lost": "流失",
    "spoke": "开口",
    "kept_1": "1 天后仍是好友",
    "due_1": "满 1 天",
    "kept_7": "7 天后仍是好友",
    "due_7": "满 7 天",
    "kept_30": "30 天后仍是好友",
    "due_30": "满 30 天",
    "clicks": "链接点击",
    "views": "页面浏览",
    "net": "净增",
}


@router.get("/live-codes", response=LiveCodeList, operation_id="list_live_codes")
def list_live_codes(request: HttpRequest, kind: str = "", archived: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - a query parameter
    codes = queries.list_live_codes(
        actor_of(request), kind=kind, is_archived=archived, now=runtime().clock.now()
    )
    return {"items": [show_code(code) for code in codes]}


@router.post("/live-codes", response={201: LiveCodeOut}, operation_id="create_live_code")
def create_live_code(request: HttpRequest, body: LiveCodeIn) -> Status[dict[str, Any]]:
    code = actions.create_live_code(actor_of(request), **_values(body), now=runtime().clock.now())
    return Status(201, show_code(code))


@router.get("/live-codes/{int:code_id}", response=LiveCodeOut, operation_id="get_live_code")
def get_live_code(request: HttpRequest, code_id: int) -> dict[str, Any]:
    now = runtime().clock.now()
    return show_code(queries.get_live_code(actor_of(request), code_id, now=now))


@router.patch("/live-codes/{int:code_id}", response=LiveCodeOut, operation_id="update_live_code")
def update_live_code(request: HttpRequest, code_id: int, body: LiveCodePatch) -> dict[str, Any]:
    code = actions.update_live_code(
        actor_of(request), code_id, **_values(body), now=runtime().clock.now()
    )
    return show_code(code)


@router.delete("/live-codes/{int:code_id}", response={204: None}, operation_id="delete_live_code")
def delete_live_code(request: HttpRequest, code_id: int) -> Status[None]:
    actions.delete_live_code(actor_of(request), code_id, now=runtime().clock.now())
    return Status(204, None)


@router.post("/live-codes/batch", response=BatchOut, operation_id="change_live_codes")
def change_live_codes(request: HttpRequest, body: BatchIn) -> dict[str, Any]:
    values = body.dict()
    ids = values.pop("ids")
    change = msgspec.convert(values, BatchChange)
    failed = change_codes(actor_of(request), ids, change, now=runtime().clock.now())
    return {"failed": [{"id": one, "reason": why} for one, why in failed.items()]}


@router.get("/live-codes/groups", response=CodeFolderList, operation_id="list_code_groups")
def list_code_groups(request: HttpRequest) -> dict[str, Any]:
    groups = queries.list_code_groups(actor_of(request))
    return {"items": [{"id": one, "name": name} for one, name in groups]}


@router.post("/live-codes/groups", response={201: CodeFolderOut}, operation_id="create_code_group")
def create_code_group(request: HttpRequest, body: CodeFolderIn) -> Status[dict[str, Any]]:
    made = actions.create_code_group(actor_of(request), body.name, now=runtime().clock.now())
    return Status(201, {"id": made, "name": body.name.strip()})


@router.patch(
    "/live-codes/groups/{int:group_id}", response=CodeFolderOut, operation_id="rename_code_group"
)
def rename_code_group(request: HttpRequest, group_id: int, body: CodeFolderIn) -> dict[str, Any]:
    actions.rename_code_group(actor_of(request), group_id, body.name, now=runtime().clock.now())
    return {"id": group_id, "name": body.name.strip()}


@router.delete(
    "/live-codes/groups/{int:group_id}", response={204: None}, operation_id="delete_code_group"
)
def delete_code_group(request: HttpRequest, group_id: int) -> Status[None]:
    actions.delete_code_group(actor_of(request), group_id, now=runtime().clock.now())
    return Status(204, None)


@router.post("/live-codes/duty", response=DutyPreview, operation_id="preview_duty")
def preview_duty(request: HttpRequest, body: DutyPreviewIn) -> dict[str, Any]:
    """Who would be on duty when: one item for each time the answer changes, as if nobody were
    away or full."""
    require(actor_of(request), "code:read")
    plan = read_plan(body.plan.dict())
    check_plan(plan)
    at = datetime.combine(body.first, time(), SHANGHAI)
    end = at + timedelta(days=body.days)
    items: list[dict[str, Any]] = []
    while at < end:
        duty = rules.on_duty(plan, at, Books())
        told = {**msgspec.to_builtins(duty), "is_accepted": rules.is_accepting(plan, at)}
        if not items or {**items[-1], "at": at} != {**told, "at": at}:
            items.append({**told, "at": at})
        at = rules.next_change(plan, at)
    return {"items": items}


@router.get(
    "/live-codes/{int:code_id}/changes", response=ChangeList, operation_id="list_code_changes"
)
def list_code_changes(request: HttpRequest, code_id: int) -> dict[str, Any]:
    require(actor_of(request), "code:read")
    return {"items": list_changes(f"live_code:{code_id}", limit=CHANGES)}


@router.get("/live-codes/{int:code_id}/qr.png", operation_id="get_live_code_png")
def get_live_code_png(
    request: HttpRequest, code_id: int, size: int = 600, logo: int = 0
) -> HttpResponse:
    return HttpResponse(_picture(request, code_id, "png", (size, logo)), content_type="image/png")


@router.get("/live-codes/{int:code_id}/qr.svg", operation_id="get_live_code_svg")
def get_live_code_svg(
    request: HttpRequest, code_id: int, size: int = 600, logo: int = 0
) -> HttpResponse:
    picture = _picture(request, code_id, "svg", (size, logo))
    return HttpResponse(picture, content_type="image/svg+xml")


@router.get("/live-codes/sheet.html", operation_id="get_code_sheet")
def get_code_sheet(request: HttpRequest, look: Query[SheetIn]) -> HttpResponse:
    """A sheet to print: `copies` of the card of each code (ids: `3,7`)."""
    actor, now = actor_of(request), runtime().clock.now()
    found = [queries.get_live_code(actor, one, now=now) for one in _numbers(look.ids)]
    cards = [
        sheets.Card(
            holds=code.url,
            title=code.page.get("title") or code.name,
            text=code.page.get("text", ""),
            foot=code.page.get("hint", ""),
        )
        for code in found
        for _ in range(max(1, min(look.copies, sheets.MAX_CARDS)))
    ]
    logo = _logo(request, look.logo)
    page = sheets.make_sheet(cards, kind=look.kind, per_page=look.per_page, logo=logo)
    return HttpResponse(page, content_type="text/html; charset=utf-8")


@router.get("/live-codes/figures", response=CodeFiguresOut, operation_id="get_code_figures")
def get_code_figures(request: HttpRequest, asked: Query[FiguresIn]) -> dict[str, Any]:
    days = _figures(request, asked)
    total = figures.total_of(days)
    return {"items": [_figure(day) for day in days], "total": _figure(total)}


@router.get("/live-codes/figures.csv", operation_id="get_code_figures_csv")
def get_code_figures_csv(request: HttpRequest, asked: Query[FiguresIn]) -> HttpResponseBase:
    days = _figures(request, asked)
    names = list(_figure(CodeDay(key="")))
    rows = [[_figure(day)[name] for name in names] for day in days]
    name = f"codes-{asked.by}-{asked.first}-{asked.last}.csv"
    return answer_csv(name, [FIGURE_WORDS.get(one, one) for one in names], rows)


def show_code(code: LiveCodeView) -> dict[str, Any]:
    """A code as the routes answer it."""
    shown: dict[str, Any] = msgspec.to_builtins(code)
    slug = shown.pop("slug")
    shown["created_at"] = code.created_at
    return {
        **shown,
        "qr_url": f"/api/live-codes/{code.id}/qr.svg",
        "page_path": f"/p/c/{slug}" if slug else "",
    }


def _values(body: LiveCodeIn | LiveCodePatch) -> dict[str, Any]:
    """What is given, as the actions take it."""
    values = body.dict()
    for name in NESTED:
        if values.get(name) is None:
            values.pop(name, None)
        elif name == "says":
            values[name] = lean(values[name])
    return values


def lean(says: dict[str, Any]) -> dict[str, Any]:
    """Attachments without the fields they do not use."""
    for words in (says, *says["times"]):
        words["attachments"] = [
            {name: value for name, value in one.items() if value not in {None, ""}}
            for one in words["attachments"]
        ]
    return says


def _numbers(ids: str) -> tuple[int, ...]:
    return tuple(int(one) for one in ids.split(",") if one.isascii() and one.isdigit())[:500]


def _figures(request: HttpRequest, asked: FiguresIn) -> list[CodeDay]:
    wanted = figures.Asked(
        codes=_numbers(asked.ids),
        first=asked.first,
        last=asked.last,
        by=asked.by,
        staff=asked.staff,
    )
    return figures.code_figures(actor_of(request), wanted, now=runtime().clock.now())


def _figure(day: CodeDay) -> dict[str, Any]:
    return {**msgspec.to_builtins(day), "net": day.net}


def _picture(request: HttpRequest, code_id: int, kind: str, look: tuple[int, int]) -> bytes:
    size, logo = look
    code = queries.get_live_code(actor_of(request), code_id, now=runtime().clock.now())
    return draw(code.url, kind, size=size, logo=_logo(request, logo))


def _logo(request: HttpRequest, material_id: int) -> bytes:
    return read_material(actor_of(request), material_id)[1] if material_id else b""
