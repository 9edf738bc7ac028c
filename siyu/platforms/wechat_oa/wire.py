"""Shapes of the official account's answers. Unknown fields pass."""

from __future__ import annotations

from typing import Any

import msgspec


class OpenIds(msgspec.Struct, frozen=True):
    openid: list[str] = []


class FanPage(msgspec.Struct, frozen=True):
    """Up to 10,000 openids."""

    total: int = 0
    count: int = 0
    data: OpenIds = OpenIds()
    next_openid: str = ""


class Fan(msgspec.Struct, frozen=True):
    """A fan; everything but the openid is absent when `subscribe` is 0.

    qr_scene is a number code's scene, qr_scene_str a text code's.
    """

    openid: str
    subscribe: int = 0
    language: str = ""
    subscribe_time: int = 0
    unionid: str = ""
    remark: str = ""
    tagid_list: list[int] = []
    subscribe_scene: str = ""
    qr_scene: int | str = 0
    qr_scene_str: str = ""


class FanList(msgspec.Struct, frozen=True):
    user_info_list: list[Fan] = []


class Tag(msgspec.Struct, frozen=True):
    id: int
    name: str = ""
    count: int = 0


class TagList(msgspec.Struct, frozen=True):
    tags: list[Tag] = []


class MadeTag(msgspec.Struct, frozen=True):
    tag: Tag


class SceneCode(msgspec.Struct, frozen=True):
    ticket: str
    url: str = ""
    expire_seconds: int = 0


class SentMessage(msgspec.Struct, frozen=True):
    """msgid of template messages and subscription notices; msg_id of mass messages."""

    msgid: int | str = ""
    msg_id: int | str = ""


class MassStatus(msgspec.Struct, frozen=True):
    msg_id: int | str = ""
    msg_status: str = ""


class DraftPart(msgspec.Struct, frozen=True):
    title: str = ""
    digest: str = ""
    url: str = ""


class DraftContent(msgspec.Struct, frozen=True):
    news_item: list[DraftPart] = []


class Draft(msgspec.Struct, frozen=True):
    media_id: str
    content: DraftContent = DraftContent()
    update_time: int = 0


class DraftPage(msgspec.Struct, frozen=True):
    """Up to 20 drafts."""

    total_count: int = 0
    item: list[Draft] = []


class Template(msgspec.Struct, frozen=True):
    template_id: str
    title: str = ""
    content: str = ""
    example: str = ""


class TemplateList(msgspec.Struct, frozen=True):
    template_list: list[Template] = []


class NoticeTemplate(msgspec.Struct, frozen=True):
    """type: 2 one-time, 3 long-term."""

    template: str = msgspec.field(name="priTmplId")
    title: str = ""
    content: str = ""
    example: str = ""
    type: int = 2


class NoticeTemplateList(msgspec.Struct, frozen=True):
    data: list[NoticeTemplate] = []


class Menu(msgspec.Struct, frozen=True):
    button: list[dict[str, Any]] = []


class Conditional(msgspec.Struct, frozen=True):
    menuid: int | str
    button: list[dict[str, Any]] = []
    matchrule: dict[str, Any] = {}


class MenuAnswer(msgspec.Struct, frozen=True):
    menu: Menu = Menu()
    conditionalmenu: list[Conditional] = []


class TriedMenu(msgspec.Struct, frozen=True):
    """The buttons by themselves, or inside a menu."""

    button: list[dict[str, Any]] = []
    menu: Menu = Menu()


class MadeMenu(msgspec.Struct, frozen=True):
    menuid: int | str = ""


class PageToken(msgspec.Struct, frozen=True):
    """Of `/sns/oauth2/access_token`: good for one person's profile only."""

    access_token: str
    openid: str
    scope: str = ""
    unionid: str = ""
    is_snapshotuser: int = 0


class PageUser(msgspec.Struct, frozen=True):
    openid: str
    nickname: str = ""
    headimgurl: str = ""
    unionid: str = ""
