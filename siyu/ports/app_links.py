"""Links that open a mini program from outside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class LinkKind(StrEnum):
    URL = "url"
    """https://wxaurl.cn/…: opens from SMS, mail and browsers."""
    SCHEME = "scheme"
    """weixin://dl/business/?t=…: opens from apps and pages that allow schemes."""
    SHORT = "short"
    """#小程序://…: only inside WeChat chats."""


class LinkMaker(Protocol):
    def create_link(
        self, kind: LinkKind, page: str, query: str, *, expires_at: datetime | None, title: str = ""
    ) -> str:
        """A link to a page. expires_at: at most 30 days away; None = the longest allowed."""
        ...
