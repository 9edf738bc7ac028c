"""Routes of presence, welcomes, store codes and links' quota."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from siyu.core.access import require
from siyu.core.accounts import active_accounts
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.growth import away, code_lists, queries, stores, welcome_rules
from siyu.growth.api import lean
from siyu.growth.neighbours import departments_of, staff_of
from siyu.growth.pictures import draw
from siyu.growth.schemas import (
    BatchOut,
    Choices,
    ForeignCodeList,
    FriendWelcomeIn,
    FriendWelcomeList,
    FriendWelcomeOut,
    LinkQuotaList,
    PresenceIn,
    PresenceList,
    StoreCodeIn,
    StoreCodeList,
    StoreCodeOut,
)
from siyu.growth.stores import StoreCodeView
from siyu.growth.types import ForeignCodeView
from siyu.kernel.paging import Page

router = Router(tags=["growth"])


@router.get("/foreign-codes", response=ForeignCodeList, operation_id="list_foreign_codes")
def list_foreign_codes(
    request: HttpRequest, cursor: str | None = None, limit: int = 50
) -> Page[ForeignCodeView]:
    """Codes of the platforms that were not made here."""
    return code_lists.list_foreign_codes(actor_of(request), cursor, limit)


@router.get("/code-choices", response=Choices, operation_id="list_code_choices")
def list_code_choices(request: HttpRequest) -> dict[str, Any]:
    """Who and which departments may be put into codes."""
    require(actor_of(request), "code:read")
    accounts = active_accounts()
    staff = [
        {"account": account, "staff": one, "name": card.name, "is_active": card.is_active}
        for account in accounts
        for one, card in staff_of(account).items()
    ]
    departments = [
        {"account": account, "id": one, "name": name}
        for account in accounts
        for one, name in departments_of(account).items()
    ]
    return {"staff": staff, "departments": departments}


@router.get("/live-codes/staff", response=PresenceList, operation_id="list_presence")
def list_presence(request: HttpRequest) -> dict[str, Any]:
    return {"items": away.list_presence(actor_of(request))}


@router.post("/live-codes/staff", response=PresenceList, operation_id="set_presence")
def set_presence(request: HttpRequest, body: PresenceIn) -> dict[str, Any]:
    actor, now = actor_of(request), runtime().clock.now()
    away.set_online(actor, body.account, body.staff, is_online=body.is_online, now=now)
    return {"items": away.list_presence(actor)}


@router.get("/welcomes", response=FriendWelcomeList, operation_id="list_welcomes")
def list_welcomes(request: HttpRequest) -> dict[str, Any]:
    return {"items": welcome_rules.list_welcome_rules(actor_of(request))}


@router.put("/welcomes", response=FriendWelcomeOut, operation_id="save_welcome")
def save_welcome(request: HttpRequest, body: FriendWelcomeIn) -> object:
    return welcome_rules.save_welcome_rule(
        actor_of(request),
        account=body.account,
        scope=body.scope,
        target=body.target,
        says=lean(body.says.dict()),
        is_active=body.is_active,
        now=runtime().clock.now(),
    )


@router.delete("/welcomes/{int:rule_id}", response={204: None}, operation_id="delete_welcome")
def delete_welcome(request: HttpRequest, rule_id: int) -> Status[None]:
    welcome_rules.delete_welcome_rule(actor_of(request), rule_id, now=runtime().clock.now())
    return Status(204, None)


@router.get("/store-codes", response=StoreCodeList, operation_id="list_store_codes")
def list_store_codes(request: HttpRequest) -> dict[str, Any]:
    return {"items": [_store_code(one) for one in stores.list_store_codes(actor_of(request))]}


@router.post("/store-codes", response={201: StoreCodeOut}, operation_id="create_store_code")
def create_store_code(request: HttpRequest, body: StoreCodeIn) -> Status[dict[str, Any]]:
    made = stores.save_store_code(actor_of(request), None, body.dict(), now=runtime().clock.now())
    return Status(201, _store_code(made))


@router.put("/store-codes/{int:one}", response=StoreCodeOut, operation_id="update_store_code")
def update_store_code(request: HttpRequest, one: int, body: StoreCodeIn) -> dict[str, Any]:
    now = runtime().clock.now()
    return _store_code(stores.save_store_code(actor_of(request), one, body.dict(), now=now))


@router.get("/store-codes/{int:one}/qr.svg", operation_id="get_store_code_svg")
def get_store_code_svg(request: HttpRequest, one: int, size: int = 600) -> HttpResponse:
    """The picture of the page that finds a store."""
    shown = stores.get_store_code(actor_of(request), one)
    picture = draw(request.build_absolute_uri(f"/p/s/{shown.slug}"), "svg", size=size)
    return HttpResponse(picture, content_type="image/svg+xml")


@router.post("/store-codes/{int:one}/fill", response=BatchOut, operation_id="fill_store_code")
def fill_store_code(request: HttpRequest, one: int) -> dict[str, Any]:
    """A live code for every store that has staff and none yet."""
    failed = stores.fill_store_code(actor_of(request), one, now=runtime().clock.now())
    return {"failed": [{"id": store, "reason": why} for store, why in failed.items()]}


@router.get("/link-quotas", response=LinkQuotaList, operation_id="list_link_quotas")
def list_link_quotas(request: HttpRequest) -> dict[str, Any]:
    return {"items": queries.list_link_quotas(actor_of(request))}


def _store_code(view: StoreCodeView) -> dict[str, Any]:
    shown = {name: getattr(view, name) for name in view.__dataclass_fields__ if name != "slug"}
    return {**shown, "page_path": f"/p/s/{view.slug}"}
