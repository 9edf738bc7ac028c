"""What talk hands out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ConversationView:
    """A line of the inbox. window_until, remaining: how long and how often we may still answer;
    None with `is_open` = no limit, None without = closed. desk: name of the service desk it is at,
    session: who answers there (see `DeskState`), servicers: who could, is_desk_lost: nobody can
    from here, since the desk is deleted or not ours any more."""

    id: int
    customer_id: int
    customer_name: str
    platform: str
    account: str
    last_text: str
    last_at: datetime
    unread: int
    is_open: bool
    window_until: datetime | None
    remaining: int | None
    desk: str = ""
    session: str = ""
    session_staff: str = ""
    servicers: list[str] = field(default_factory=list)
    is_desk_lost: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """A message. state: `received`, `sent`, or the state of a reply that is not out yet."""

    id: str
    is_ours: bool
    is_manual: bool
    kind: str
    text: str
    at: datetime
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AutoReplyView:
    """An automatic reply; see `models.AutoReply`. hits: how often it was given. is_ready: False
    while its picture is not at the platform."""

    id: int
    account: str
    name: str
    trigger: str
    match: str
    words: list[str]
    reply: dict[str, str]
    position: int
    is_active: bool
    hits: int
    is_ready: bool = True


@dataclass(frozen=True)
class MenuTag:
    """A tag of the platform; id: the platform's."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ConditionalMenuView:
    """A menu for fans with a tag, on a kind of phone, or both; "" = any."""

    id: str
    tag_id: str
    tag_name: str
    client: str
    buttons: list[dict[str, Any]]


@dataclass(frozen=True)
class MatchedMenu:
    """What a customer sees. id: of the menu for some it is; "" = the one for everybody."""

    id: str
    buttons: list[dict[str, Any]]


@dataclass(frozen=True)
class MenuView:
    """A menu as drafted; published_at: None = not at the platform as it is here."""

    account: str
    buttons: list[dict[str, Any]]
    edited_at: datetime | None
    published_at: datetime | None
