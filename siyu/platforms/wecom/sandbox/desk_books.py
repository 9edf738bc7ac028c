"""What the platform knows of its service desks 微信客服."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WINDOW = 48 * 3600
MAX_REPLIES = 5
NEW, ASSISTANT, QUEUED, HUMAN, ENDED = range(5)


@dataclass
class DeskAccount:
    """servicers: staff → 0 receiving, 1 paused. log: all that sync_msg gives, in order.

    is_granted: the app may answer and change things here.
    """

    open_kfid: str
    name: str
    servicers: dict[str, int] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    is_granted: bool = True


@dataclass
class DeskTalk:
    """One customer at one desk. spoke_at: his last word; replies: ours through the API since."""

    open_kfid: str
    external_userid: str
    state: int = ENDED
    servicer: str = ""
    spoke_at: int = 0
    entered_at: int = 0
    replies: int = 0


@dataclass
class DeskCode:
    """Allows one message after an event."""

    open_kfid: str
    external_userid: str
    ends_at: int
    is_used: bool = False


@dataclass
class Desks:
    """All desks of a corp. said: msgids ever used at a desk."""

    accounts: dict[str, DeskAccount] = field(default_factory=dict)
    talks: dict[tuple[str, str], DeskTalk] = field(default_factory=dict)
    codes: dict[str, DeskCode] = field(default_factory=dict)
    said: set[tuple[str, str]] = field(default_factory=set)
    asked: int = 0
    answered: int = 0

    def talk(self, open_kfid: str, external_userid: str) -> DeskTalk:
        """The talk of a customer at a desk, a new one when there is none."""
        key = (open_kfid, external_userid)
        return self.talks.setdefault(key, DeskTalk(*key))
