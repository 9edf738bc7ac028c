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


CLIENTS = ("ios", "android", "other")


class MenuRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a conditional menu is for: fans with a tag (the platform's id), on a kind of phone
    (one of CLIENTS), or both. "" = any; one of them must be said."""

    tag_id: str = ""
    client: str = ""


class ConditionalMenu(msgspec.Struct, frozen=True, kw_only=True):
    """A menu for some fans. Of several that fit, the one made last is shown."""

    remote_id: str
    rule: MenuRule
    buttons: tuple[MenuButton, ...]


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

    def list_conditional(self) -> list[ConditionalMenu]:
        """The menus for some fans, the one made last first."""
        ...

    def delete_conditional(self, remote_id: str) -> None:
        """Take one away; nothing happens when it is gone already."""
        ...

    def match_menu(self, recipient: str) -> tuple[MenuButton, ...]:
        """The menu that a fan (remote id) sees; () when there is none."""
        ...
