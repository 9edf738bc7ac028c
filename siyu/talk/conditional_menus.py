"""Menus for some fans only: listed, made, taken away and tried at the platform itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.kernel.errors import Refused
from siyu.pool import queries as pool
from siyu.ports.menus import MenuRule
from siyu.reach import queries as reach
from siyu.talk.menus import menus_of, read_buttons
from siyu.talk.types import ConditionalMenuView, MatchedMenu, MenuTag


def list_conditional_menus(actor: Actor, account: str) -> list[ConditionalMenuView]:
    """What the platform has now, the one made last first: it is tried first."""
    require(actor, "talk:read")
    found = menus_of(account).list_conditional()
    names = {tag.id: tag.name for tag in _tags(account)} if found else {}
    return [
        ConditionalMenuView(
            id=menu.remote_id,
            tag_id=menu.rule.tag_id,
            tag_name=names.get(menu.rule.tag_id, ""),
            client=menu.rule.client,
            buttons=[msgspec.to_builtins(button) for button in menu.buttons],
        )
        for menu in found
    ]


def list_menu_tags(actor: Actor, account: str) -> list[MenuTag]:
    """The platform's own tags, which a menu may be for."""
    require(actor, "talk:read")
    menus_of(account)
    return _tags(account)


def add_conditional_menu(
    actor: Actor,
    account: str,
    buttons: Sequence[Mapping[str, Any]],
    *,
    rule: MenuRule,
    now: datetime,
) -> str:
    """Put a menu for some fans to the platform; its id there. Refused when it is no menu, names
    nobody, or nothing is shown to everybody yet."""
    require(actor, "code:write")
    menus = menus_of(account)
    if not rule.tag_id and not rule.client:
        raise Refused("menu.rule", "请选择标签或手机系统", field="tag_id")
    made = menus.publish_menu(read_buttons(buttons), rule)
    record_audit(actor, "add_conditional_menu", account, now=now, detail={"menu": made})
    return made


def delete_conditional_menu(actor: Actor, account: str, menu_id: str, *, now: datetime) -> None:
    """Take it off the platform; the others stay."""
    require(actor, "code:write")
    menus_of(account).delete_conditional(menu_id)
    record_audit(actor, "delete_conditional_menu", account, now=now, detail={"menu": menu_id})


def match_menu(actor: Actor, account: str, customer_id: int, *, now: datetime) -> MatchedMenu:
    """The menu one customer sees there now; Refused when he or she does not follow."""
    require(actor, "talk:read")
    menus = menus_of(account)
    customer = pool.current_customer_id(customer_id)
    pool.require_visible(actor, customer)
    address = reach.address_at(customer, account, now)
    if not address:
        raise Refused("menu.customer", "这位客户没有关注这个账号", field="customer_id")
    buttons = menus.match_menu(address)
    fits = [menu.remote_id for menu in menus.list_conditional() if menu.buttons == buttons]
    plain = [msgspec.to_builtins(button) for button in buttons]
    return MatchedMenu(fits[0] if fits else "", plain)


def _tags(account: str) -> list[MenuTag]:
    tags = connector(account).tags
    return [MenuTag(tag.remote_id, tag.name) for tag in tags.list_tags()] if tags else []
