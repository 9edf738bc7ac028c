"""Routes of menus: the one for everybody, and those for some fans."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.ports.menus import MenuRule
from siyu.talk import conditional_menus, menus

router = Router(tags=["talk"])


class AccountMenuIn(Schema):
    buttons: list[dict[str, Any]] = Field(max_length=10)


class AccountMenuOut(Schema):
    account: str
    buttons: list[dict[str, Any]]
    edited_at: datetime | None
    published_at: datetime | None


class MenuTagOut(Schema):
    id: str
    name: str


class ConditionalMenuIn(AccountMenuIn):
    """For fans with a tag (the platform's id), on a kind of phone, or both; "" = any."""

    tag_id: str = Field("", max_length=32)
    client: Literal["", "ios", "android", "other"] = ""


class ConditionalMenuOut(Schema):
    id: str
    tag_id: str
    tag_name: str
    client: str
    buttons: list[dict[str, Any]]


class ConditionalMenuList(Schema):
    items: list[ConditionalMenuOut]


class MenuTagList(Schema):
    items: list[MenuTagOut]


class MadeMenuOut(Schema):
    id: str


class MatchIn(Schema):
    customer_id: int


class MatchedMenuOut(Schema):
    """id: of the menu for some fans; "" = the one for everybody."""

    id: str
    buttons: list[dict[str, Any]]


@router.get("/menus/{account}", response=AccountMenuOut, operation_id="get_menu")
def get_menu(request: HttpRequest, account: str) -> AccountMenuOut:
    return AccountMenuOut(**asdict(menus.get_menu(actor_of(request), account)))


@router.put("/menus/{account}", response=AccountMenuOut, operation_id="save_menu")
def save_menu(request: HttpRequest, account: str, body: AccountMenuIn) -> AccountMenuOut:
    now = runtime().clock.now()
    return AccountMenuOut(
        **asdict(menus.save_menu(actor_of(request), account, body.buttons, now=now))
    )


@router.post("/menus/{account}/publish", response=AccountMenuOut, operation_id="publish_menu")
def publish_menu(request: HttpRequest, account: str) -> AccountMenuOut:
    now = runtime().clock.now()
    return AccountMenuOut(**asdict(menus.publish_menu(actor_of(request), account, now=now)))


@router.delete("/menus/{account}", response={204: None}, operation_id="delete_menu")
def delete_menu(request: HttpRequest, account: str) -> Status[None]:
    menus.delete_menu(actor_of(request), account, now=runtime().clock.now())
    return Status(204, None)


@router.get(
    "/menus/{account}/conditional",
    response=ConditionalMenuList,
    operation_id="list_conditional_menus",
)
def list_conditional_menus(request: HttpRequest, account: str) -> ConditionalMenuList:
    found = conditional_menus.list_conditional_menus(actor_of(request), account)
    return ConditionalMenuList(items=[ConditionalMenuOut(**asdict(one)) for one in found])


@router.get("/menus/{account}/tags", response=MenuTagList, operation_id="list_menu_tags")
def list_menu_tags(request: HttpRequest, account: str) -> MenuTagList:
    found = conditional_menus.list_menu_tags(actor_of(request), account)
    return MenuTagList(items=[MenuTagOut(**asdict(one)) for one in found])


@router.post(
    "/menus/{account}/conditional",
    response={201: MadeMenuOut},
    operation_id="add_conditional_menu",
)
def add_conditional_menu(
    request: HttpRequest, account: str, body: ConditionalMenuIn
) -> Status[MadeMenuOut]:
    made = conditional_menus.add_conditional_menu(
        actor_of(request),
        account,
        body.buttons,
        rule=MenuRule(tag_id=body.tag_id, client=body.client),
        now=runtime().clock.now(),
    )
    return Status(201, MadeMenuOut(id=made))


@router.delete(
    "/menus/{account}/conditional/{menu_id}",
    response={204: None},
    operation_id="delete_conditional_menu",
)
def delete_conditional_menu(request: HttpRequest, account: str, menu_id: str) -> Status[None]:
    now = runtime().clock.now()
    conditional_menus.delete_conditional_menu(actor_of(request), account, menu_id, now=now)
    return Status(204, None)


@router.post("/menus/{account}/match", response=MatchedMenuOut, operation_id="match_menu")
def match_menu(request: HttpRequest, account: str, body: MatchIn) -> MatchedMenuOut:
    """The menu that one customer sees now."""
    now = runtime().clock.now()
    found = conditional_menus.match_menu(actor_of(request), account, body.customer_id, now=now)
    return MatchedMenuOut(**asdict(found))
