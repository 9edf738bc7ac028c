"""The menu at the foot of a conversation."""

from __future__ import annotations

from typing import Protocol

import msgspec


class MenuButton(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A button. kind: `click` (value = key), `view` (value = link), `mini_program` (value = link
    for old clients, app_id and page) or `group` (buttons)."""

    name: str
    kind: str
    value: str = ""
    app_id: str = ""
    page: str = ""
    buttons: tuple[MenuButton, ...] = ()


class MenuRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a conditional menu is for: fans with a tag (the platform's id)."""

    tag_id: str = ""


class Menus(Protocol):
    def fetch_menu(self) -> tuple[MenuButton, ...]:
        """The menu in force for everybody; () when there is none."""
        ...

    def publish_menu(self, buttons: tuple[MenuButton, ...], rule: MenuRule | None = None) -> str:
        """Replace the menu, or add one for some fans; the id of a conditional one, else ""."""
        ...

    def delete_menu(self) -> None:
        """Take away every menu, conditional ones too."""
        ...
