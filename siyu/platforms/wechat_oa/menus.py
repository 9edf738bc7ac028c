"""The custom menu 自定义菜单: at most three buttons with five below each; and menus for some
fans 个性化菜单, by tag and phone (developers.weixin.qq.com 创建个性化菜单, read 2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.menus import CLIENTS, ConditionalMenu, MenuButton, MenuRule
from siyu.wechat.errors import BOOK

TOP, BELOW = 3, 5
NAME_BYTES = (16, 60)
KEY_BYTES, URL_BYTES = 128, 1024


class OfficialMenus:
    """The `Menus` of an official account. Fans see a change within a day, or on re-following."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def fetch_menu(self) -> tuple[MenuButton, ...]:
        """See `Menus.fetch_menu`."""
        try:
            buttons = self._client.get_menu().menu.button
        except PlatformRefused as error:
            if BOOK.is_ignorable(error):
                return ()
            raise
        return tuple(_from_wire(button) for button in buttons)

    def publish_menu(self, buttons: tuple[MenuButton, ...], rule: MenuRule | None = None) -> str:
        """See `Menus.publish_menu`; Refused when it breaks a limit of the platform."""
        check_menu(buttons)
        body: dict[str, Any] = {"button": [_to_wire(button) for button in buttons]}
        if rule is None:
            self._client.create_menu(body)
            return ""
        body["matchrule"] = _rule_to_wire(rule)
        return str(self._client.add_conditional_menu(body).menuid)

    def delete_menu(self) -> None:
        """See `Menus.delete_menu`."""
        try:
            self._client.delete_menu()
        except PlatformRefused as error:
            if not BOOK.is_ignorable(error):
                raise

    def list_conditional(self) -> list[ConditionalMenu]:
        """See `Menus.list_conditional`."""
        try:
            found = self._client.get_menu().conditionalmenu
        except PlatformRefused as error:
            if BOOK.is_ignorable(error):
                return []
            raise
        menus = [
            ConditionalMenu(
                remote_id=str(menu.menuid),
                rule=_rule_from_wire(menu.matchrule),
                buttons=tuple(_from_wire(button) for button in menu.button),
            )
            for menu in found
        ]
        return sorted(menus, key=lambda menu: (len(menu.remote_id), menu.remote_id), reverse=True)

    def delete_conditional(self, remote_id: str) -> None:
        """See `Menus.delete_conditional`."""
        try:
            self._client.delete_conditional_menu(remote_id)
        except PlatformRefused as error:
            if not BOOK.is_ignorable(error):
                raise

    def match_menu(self, recipient: str) -> tuple[MenuButton, ...]:
        """See `Menus.match_menu`."""
        try:
            tried = self._client.try_menu(recipient)
        except PlatformRefused as error:
            if BOOK.is_ignorable(error):
                return ()
            raise
        return tuple(_from_wire(button) for button in tried.button or tried.menu.button)


def check_menu(buttons: tuple[MenuButton, ...]) -> None:
    """Refused with the field when a number, name or target is outside the platform's limits."""
    if not 1 <= len(buttons) <= TOP:
        raise Refused("menu.count", f"一级菜单须有 1 到 {TOP} 个", field="buttons")
    for button in buttons:
        _check_button(button, NAME_BYTES[0])
        if button.kind == "group":
            if not 1 <= len(button.buttons) <= BELOW:
                raise Refused("menu.count", f"子菜单须有 1 到 {BELOW} 个", field="buttons")
            for below in button.buttons:
                if below.kind == "group":
                    raise Refused("menu.depth", "菜单最多两级", field="buttons")
                _check_button(below, NAME_BYTES[1])


def _check_button(button: MenuButton, name_bytes: int) -> None:
    if not 1 <= len(button.name.encode()) <= name_bytes:
        raise Refused("menu.name", f"按钮名称须为 1 到 {name_bytes} 字节", field="name")
    if button.kind == "click" and not 1 <= len(button.value.encode()) <= KEY_BYTES:
        raise Refused("menu.key", f"按钮 KEY 须为 1 到 {KEY_BYTES} 字节", field="value")
    if button.kind in {"view", "mini_program"}:
        is_url = button.value.startswith(("http://", "https://"))
        if not is_url or len(button.value.encode()) > URL_BYTES:
            raise Refused("menu.url", "链接须以 http(s):// 开头, 最长 1024 字节", field="value")
    if button.kind == "mini_program" and not (button.app_id and button.page):
        raise Refused("menu.app", "请填写小程序 AppID 和页面", field="app_id")
    if button.kind not in {"click", "view", "mini_program", "group"}:
        raise Refused("menu.kind", "不支持这种菜单按钮", field="kind")


def _rule_to_wire(rule: MenuRule) -> dict[str, str]:
    """Sex, place and language are refused by the platform since it protects them (65320)."""
    if rule.client and rule.client not in CLIENTS:
        raise Refused("menu.client", "手机系统无效", field="client")
    said = {"tag_id": rule.tag_id}
    if rule.client:
        said["client_platform_type"] = str(CLIENTS.index(rule.client) + 1)
    kept = {name: value for name, value in said.items() if value}
    if not kept:
        raise Refused("menu.rule", "请选择标签或手机系统", field="tag_id")
    return kept


def _rule_from_wire(rule: Mapping[str, Any]) -> MenuRule:
    number = str(rule.get("client_platform_type") or "")
    client = CLIENTS[int(number) - 1] if number in {"1", "2", "3"} else ""
    return MenuRule(tag_id=str(rule.get("tag_id") or rule.get("group_id") or ""), client=client)


def _to_wire(button: MenuButton) -> dict[str, Any]:
    if button.kind == "group":
        return {"name": button.name, "sub_button": [_to_wire(below) for below in button.buttons]}
    if button.kind == "click":
        return {"type": "click", "name": button.name, "key": button.value}
    if button.kind == "view":
        return {"type": "view", "name": button.name, "url": button.value}
    return {
        "type": "miniprogram",
        "name": button.name,
        "url": button.value,
        "appid": button.app_id,
        "pagepath": button.page,
    }


def _from_wire(button: Mapping[str, Any]) -> MenuButton:
    name, below = str(button.get("name", "")), button.get("sub_button") or []
    if below:
        buttons = tuple(_from_wire(each) for each in below)
        return MenuButton(name=name, kind="group", buttons=buttons)
    kind = str(button.get("type", ""))
    if kind == "view":
        return MenuButton(name=name, kind="view", value=str(button.get("url", "")))
    if kind == "miniprogram":
        return MenuButton(
            name=name,
            kind="mini_program",
            value=str(button.get("url", "")),
            app_id=str(button.get("appid", "")),
            page=str(button.get("pagepath", "")),
        )
    return MenuButton(name=name, kind="click", value=str(button.get("key", "")))
