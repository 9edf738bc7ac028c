"""Routes of the organisation: regions, stores, posts, figures, owners, imports."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from ninja import File, Query, Router, Schema, Status
from ninja.files import UploadedFile

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.guides import behaviour, org_actions, org_import, org_queries, owning
from siyu.guides.org_types import Figures
from siyu.kernel.errors import Refused
from siyu.pool import ownership

router = Router(tags=["organisation"])
MAX_FILE = 10 << 20


class FiguresOut(Schema):
    customers: int
    owned: int
    added: int
    lost: int
    messages: int
    chats: int
    replied_percent: float | None
    first_reply_minutes: float | None
    negative: int
    orders: int
    buyers: int
    revenue_fen: int
    conversion: float


class PlaceName(Schema):
    code: str
    name: str


class PostOut(Schema):
    account: str
    staff: str
    role: str


class GuideFiguresOut(Schema):
    account: str
    staff: str
    name: str
    is_active: bool
    stores: list[PlaceName]
    role: str
    figures: FiguresOut


class GuideFiguresList(Schema):
    """total: all guides the actor sees. counted_at: when the figures were counted."""

    items: list[GuideFiguresOut]
    total: int
    counted_at: datetime | None


class PlaceFiguresOut(Schema):
    code: str
    name: str
    staff: int
    figures: FiguresOut


class PlaceFiguresList(Schema):
    items: list[PlaceFiguresOut]


class RegionOut(Schema):
    code: str
    name: str
    parent: str
    stores: int
    staff: int


class RegionList(Schema):
    items: list[RegionOut]


class RegionIn(Schema):
    name: str
    parent: str = ""


class StoreOut(Schema):
    code: str
    name: str
    region: str
    city: str
    address: str
    phone: str
    hours: str
    lat: float | None
    lng: float | None
    is_online: bool
    is_active: bool
    staff: list[PostOut]


class StoreList(Schema):
    items: list[StoreOut]


class StoreIn(Schema):
    """Only what is given is changed."""

    name: str | None = None
    region: str | None = None
    city: str | None = None
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    lat: float | None = None
    lng: float | None = None
    is_online: bool | None = None
    is_active: bool | None = None


class PostIn(Schema):
    """One of store and region (codes)."""

    account: str
    staff: str
    role: str = ""
    store: str = ""
    region: str = ""


class OwnerRuleBody(Schema):
    priority: str
    protected_days: int


class OwnerIn(Schema):
    account: str
    staff: str
    note: str


class OwnerChangeOut(Schema):
    id: int
    from_account: str
    from_staff: str
    account: str
    staff: str
    reason: str
    by: str
    note: str
    at: datetime


class OwnerOut(Schema):
    account: str
    staff: str
    reason: str
    since: datetime


class OwnerChangeList(Schema):
    """owner: whom the customer belongs to now, null when to nobody; items: the history."""

    owner: OwnerOut | None
    items: list[OwnerChangeOut]


class ImportHow(Schema):
    is_dry: bool = True


class OrgRowErrorOut(Schema):
    row: int
    field: str
    code: str
    reason: str


class OrgImportOut(Schema):
    is_dry: bool
    rows: int
    changed: int
    failed: int
    regions: int
    stores: int
    posts: int
    errors: list[OrgRowErrorOut]


class BehaviourOut(Schema):
    day: date
    applies: int
    added: int
    chats: int
    messages: int
    reply_percent: float | None
    first_reply_minutes: float | None
    negative: int


class BehaviourList(Schema):
    items: list[BehaviourOut]


class BehaviourQuery(Schema):
    """One member of staff, one store (code), or everybody; days, included."""

    start: date
    end: date
    account: str = ""
    staff: str = ""
    store: str = ""


class BehaviourPullIn(Schema):
    account: str
    days: int = 30


class BehaviourPullOut(Schema):
    staff: int


@router.get("/guides/figures", response=GuideFiguresList, operation_id="list_guide_figures")
def list_guide_figures(
    request: HttpRequest,
    days: int = 30,
    sort: str = "revenue_fen",
    store: str = "",
    region: str = "",
) -> dict[str, Any]:
    actor = actor_of(request)
    found = org_queries.list_guide_figures(actor, days=days, sort=sort, store=store, region=region)
    return {
        "items": [
            {
                **asdict(one),
                "stores": [{"code": code, "name": name} for code, name in one.stores],
                "figures": _figures(one.figures),
            }
            for one in found
        ],
        "total": org_queries.count_guides(actor),
        "counted_at": org_queries.figures_counted_at(),
    }


@router.get("/stores/figures", response=PlaceFiguresList, operation_id="list_store_figures")
def list_store_figures(request: HttpRequest, days: int = 30, region: str = "") -> dict[str, Any]:
    found = org_queries.list_store_figures(actor_of(request), days=days, region=region)
    return {"items": [{**asdict(one), "figures": _figures(one.figures)} for one in found]}


@router.get("/regions/figures", response=PlaceFiguresList, operation_id="list_region_figures")
def list_region_figures(request: HttpRequest, days: int = 30) -> dict[str, Any]:
    found = org_queries.list_region_figures(actor_of(request), days=days)
    return {"items": [{**asdict(one), "figures": _figures(one.figures)} for one in found]}


@router.get("/regions", response=RegionList, operation_id="list_regions")
def list_regions(request: HttpRequest) -> dict[str, Any]:
    return {"items": [asdict(one) for one in org_queries.list_regions(actor_of(request))]}


@router.put("/regions/{code}", response={204: None}, operation_id="save_region")
def save_region(request: HttpRequest, code: str, body: RegionIn) -> Status[None]:
    org_actions.save_region(
        actor_of(request), code, name=body.name, parent=body.parent, now=runtime().clock.now()
    )
    return Status(204, None)


@router.delete("/regions/{code}", response={204: None}, operation_id="delete_region")
def delete_region(request: HttpRequest, code: str) -> Status[None]:
    org_actions.delete_region(actor_of(request), code, now=runtime().clock.now())
    return Status(204, None)


@router.get("/stores", response=StoreList, operation_id="list_stores")
def list_stores(request: HttpRequest, region: str = "", q: str = "") -> dict[str, Any]:
    found = org_queries.list_stores(actor_of(request), region=region, q=q)
    names = ("account", "staff", "role")
    return {
        "items": [
            {**asdict(one), "staff": [dict(zip(names, post, strict=True)) for post in one.staff]}
            for one in found
        ]
    }


@router.put("/stores/{code}", response={204: None}, operation_id="save_store")
def save_store(request: HttpRequest, code: str, body: StoreIn) -> Status[None]:
    values = body.dict(exclude_unset=True)
    org_actions.save_store(actor_of(request), code, values, now=runtime().clock.now())
    return Status(204, None)


@router.post("/posts", response={204: None}, operation_id="set_post")
def set_post(request: HttpRequest, body: PostIn) -> Status[None]:
    org_actions.set_post(
        actor_of(request),
        (body.account, body.staff),
        body.role,
        store=body.store,
        region=body.region,
        now=runtime().clock.now(),
    )
    return Status(204, None)


@router.post("/posts/end", response={204: None}, operation_id="end_post")
def end_post(request: HttpRequest, body: PostIn) -> Status[None]:
    org_actions.end_post(
        actor_of(request),
        (body.account, body.staff),
        store=body.store,
        region=body.region,
        now=runtime().clock.now(),
    )
    return Status(204, None)


@router.post("/organisation/import", response=OrgImportOut, operation_id="import_organisation")
def import_organisation(
    request: HttpRequest, file: File[UploadedFile], how: Query[ImportHow]
) -> dict[str, Any]:
    actor = actor_of(request)
    if (file.size or 0) > MAX_FILE:
        raise Refused("org.size", "文件最大 10 MB", field="file")
    suffix = Path(file.name or "").suffix.lower()
    with tempfile.NamedTemporaryFile(suffix=suffix if suffix in {".csv", ".xlsx"} else "") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        done = org_import.import_org(
            actor, Path(kept.name), is_dry=how.is_dry, now=runtime().clock.now()
        )
    return asdict(done)


@router.get("/owner-rule", response=OwnerRuleBody, operation_id="get_owner_rule")
def get_owner_rule(request: HttpRequest) -> dict[str, Any]:
    require(actor_of(request), "guide:read")
    return asdict(owning.get_owner_rule())


@router.put("/owner-rule", response={204: None}, operation_id="set_owner_rule")
def set_owner_rule(request: HttpRequest, body: OwnerRuleBody) -> Status[None]:
    rule = owning.OwnerRule(body.priority, body.protected_days)
    owning.set_owner_rule(actor_of(request), rule, now=runtime().clock.now())
    return Status(204, None)


@router.get(
    "/customers/{customer_id}/owner", response=OwnerChangeList, operation_id="list_owner_changes"
)
def list_owner_changes(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    actor = actor_of(request)
    found = ownership.list_owner_changes(actor, customer_id)
    owner = ownership.owner_of(actor, customer_id)
    return {"owner": asdict(owner) if owner else None, "items": [asdict(one) for one in found]}


@router.put("/customers/{customer_id}/owner", response={204: None}, operation_id="assign_owner")
def assign_owner(request: HttpRequest, customer_id: int, body: OwnerIn) -> Status[None]:
    actor = actor_of(request)
    row = org_queries.require_staff(actor, (body.account, body.staff))
    ownership.assign_owner(
        actor,
        customer_id,
        (row.account, row.staff),
        note=body.note,
        now=runtime().clock.now(),
    )
    return Status(204, None)


@router.get("/behaviour", response=BehaviourList, operation_id="list_behaviour")
def list_behaviour(request: HttpRequest, wanted: Query[BehaviourQuery]) -> dict[str, Any]:
    found = behaviour.list_days(
        actor_of(request),
        start=wanted.start,
        end=wanted.end,
        who=(wanted.account, wanted.staff) if wanted.staff else None,
        store=wanted.store,
    )
    return {"items": [asdict(one) for one in found]}


@router.post("/behaviour/pull", response={202: BehaviourPullOut}, operation_id="pull_behaviour")
def pull_behaviour(request: HttpRequest, body: BehaviourPullIn) -> Status[dict[str, int]]:
    count = behaviour.pull_again(
        actor_of(request), body.account, days=body.days, now=runtime().clock.now()
    )
    return Status(202, {"staff": count})


def _figures(figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), "conversion": figures.conversion}
