"""The menu of an account: drafted here, put to the platform on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.kernel.errors import Refused
from siyu.ports.menus import MenuButton, MenuRule, Menus
from siyu.talk.models import Menu
from siyu.talk.types import MenuView


def get_menu(actor: Actor, account: str) -> MenuView:
    """The draft; what the platform shows now when nothing was drafted yet."""
    require(actor, "talk:read")
    row = Menu.objects.filter(account=account).first()
    if row is not None:
        return MenuView(account, list(row.buttons), row.edited_at, row.published_at)
    shown = [msgspec.to_builtins(button) for button in _menus(account).fetch_menu()]
    return MenuView(account, shown, None, None)


def save_menu(
    actor: Actor, account: str, buttons: Sequence[Mapping[str, Any]], *, now: datetime
) -> MenuView:
    """Keep a draft; nothing is put to the platform. Refused when it is no menu."""
    require(actor, "code:write")
    _menus(account)
    plain = [msgspec.to_builtins(button) for button in read_buttons(buttons)]
    with transaction.atomic():
        row, _ = Menu.objects.update_or_create(
            account=account, defaults={"buttons": plain, "edited_at": now}
        )
        record_audit(actor, "save_menu", account, now=now)
    return MenuView(account, plain, row.edited_at, row.published_at)


def publish_menu(actor: Actor, account: str, *, tag_id: str = "", now: datetime) -> MenuView:
    """Put the draft to the platform, for everybody or for the fans with one tag."""
    require(actor, "code:write")
    row = Menu.objects.filter(account=account).first()
    if row is None:
        raise Refused("menu.draft", "请先保存菜单", field="buttons")
    rule = MenuRule(tag_id=tag_id) if tag_id else None
    _menus(account).publish_menu(read_buttons(row.buttons), rule)
    with transaction.atomic():
        if rule is None:
            Menu.objects.filter(account=account).update(published_at=now)
        record_audit(actor, "publish_menu", account, now=now, detail={"tag_id": tag_id})
    return get_menu(actor, account)


def delete_menu(actor: Actor, account: str, *, now: datetime) -> None:
    """Take the menu off the platform; the draft stays."""
    require(actor, "code:write")
    _menus(account).delete_menu()
    with transaction.atomic():
        Menu.objects.filter(account=account).update(published_at=None)
        record_audit(actor, "delete_menu", account, now=now)


def read_buttons(buttons: Sequence[Mapping[str, Any]]) -> tuple[MenuButton, ...]:
    """Buttons as the port shapes them; Refused when they are none."""
    try:
        return msgspec.convert(list(buttons), tuple[MenuButton, ...])
    except msgspec.ValidationError as error:
        raise Refused("menu.shape", "菜单的格式不对", field="buttons") from error


def _menus(account: str) -> Menus:
    menus = connector(account).menus
    if menus is None:
        raise Refused("menu.platform", "这个平台没有自定义菜单", field="account")
    return menus
