"""What the platform knows of customer groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI

SCAN_LIMIT = 200
MAX_CHATS = 5
STAFF, OUTSIDE = 1, 2
INVITED, LINK, SCANNED = 1, 2, 3


@dataclass
class ChatMember:
    """type: 1 staff, 2 from outside. join_scene: 1 invited, 2 by link, 3 scanned."""

    userid: str
    type: int
    join_time: int
    join_scene: int
    name: str = ""
    unionid: str = ""
    state: str = ""
    invitor: str = ""


@dataclass
class Chat:
    chat_id: str
    name: str
    owner: str
    created_at: int
    notice: str = ""
    admins: list[str] = field(default_factory=list)
    members: dict[str, ChatMember] = field(default_factory=dict)
    turn: int = 1
    is_dismissed: bool = False

    @property
    def version(self) -> str:
        return f"{self.chat_id[-6:]}v{self.turn}"


@dataclass
class JoinWay:
    config_id: str
    values: dict[str, Any]

    @property
    def chats(self) -> list[str]:
        return list(self.values["chat_id_list"])


@dataclass
class Community:
    """All of a corp's groups. scan_limit: members up to which a scan lets people in.

    said: (chat, day) → who spoke; messages: (chat, day) → how many; moves: what the daily
    statistics are made of, (second, chat, people from outside more or less).
    """

    scan_limit: int = SCAN_LIMIT
    chats: dict[str, Chat] = field(default_factory=dict)
    ways: dict[str, JoinWay] = field(default_factory=dict)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    messages: dict[tuple[str, str], int] = field(default_factory=dict)
    moves: list[tuple[int, str, int]] = field(default_factory=list)
    joined: int = 0
    left: int = 0

    def living(self) -> list[Chat]:
        """Groups that exist."""
        return [chat for chat in self.chats.values() if not chat.is_dismissed]


def day_of(second: int) -> str:
    """The day in China, `2026-11-22`."""
    return datetime.fromtimestamp(second, SHANGHAI).date().isoformat()
