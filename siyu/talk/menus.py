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
from siyu.ports.menus import MenuButton, Menus
from siyu.talk.models import Menu
from siyu.talk.types import MenuView


def get_menu(actor: Actor, account: str) -> MenuView:
    """The draft; what the platform shows now when nothing was drafted yet."""
    require(actor, "talk:read")
    row = Menu.objects.filter(account=account).first()
    if row is not None:
        return MenuView(account, list(row.buttons), row.edited_at, row.published_at)
    shown = [msgspec.to_builtins(button) for button in menus_of(account).fetch_menu()]
    return MenuView(account, shown, None, None)


def save_menu(
    actor: Actor, account: str, buttons: Sequence[Mapping[str, Any]], *, now: datetime
) -> MenuView:
    """Keep a draft; nothing is put to the platform. Refused when it is no menu."""
    require(actor, "code:write")
    menus_of(account)
    plain = [msgspec.to_builtins(button) for button in read_buttons(buttons)]
    with transaction.atomic():
        row, _ = Menu.objects.update_or_create(
            account=account, defaults={"buttons": plain, "edited_at": now}
        )
        record_audit(actor, "save_menu", account, now=now)
    return MenuView(account, plain, row.edited_at, row.published_at)


def publish_menu(actor: Actor, account: str, *, now: datetime) -> MenuView:
    """Put the draft to the platform, for everybody; menus for some fans stay."""
    require(actor, "code:write")
    row = Menu.objects.filter(account=account).first()
    if row is None:
        raise Refused("menu.draft", "请先保存菜单", field="buttons")
    menus_of(account).publish_menu(read_buttons(row.buttons))
    with transaction.atomic():
        Menu.objects.filter(account=account).update(published_at=now)
        record_audit(actor, "publish_menu", account, now=now)
    return get_menu(actor, account)


def delete_menu(actor: Actor, account: str, *, now: datetime) -> None:
    """Take every menu off the platform, those for some fans too; the draft stays."""
    require(actor, "code:write")
    menus_of(account).delete_menu()
    with transaction.atomic():
        Menu.objects.filter(account=account).update(published_at=None)
        record_audit(actor, "delete_menu", account, now=now)


def read_buttons(buttons: Sequence[Mapping[str, Any]]) -> tuple[MenuButton, ...]:
    """Buttons as the port shapes them; Refused when they are none."""
    try:
        return msgspec.convert(list(buttons), tuple[MenuButton, ...])
    except msgspec.ValidationError as error:
        raise Refused("menu.shape", "菜单的格式不对", field="buttons") from error


def menus_of(account: str) -> Menus:
    """The menus of an account; Refused when its platform has none."""
    menus = connector(account).menus
    if menus is None:
        raise Refused("menu.platform", "这个平台没有自定义菜单", field="account")
    return menus
