"""What fans hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class FollowCodeView:
    """A follow code with its counters; see `models.FollowCode`. followed_today: since midnight
    in Shanghai; left: of those who followed, no longer do."""

    id: int
    account: str
    name: str
    channel: str
    scene: str
    url: str
    expires_at: datetime | None
    tag_ids: list[int]
    is_active: bool
    created_at: datetime
    followed: int = 0
    followed_today: int = 0
    left: int = 0
    scans: int = 0


@dataclass(frozen=True, kw_only=True)
class AppLinkView:
    """A link into an app."""

    id: int
    account: str
    kind: str
    name: str
    page: str
    query: str
    url: str
    expires_at: datetime | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Session:
    """What an app keeps after login. token: opaque, ours; anonymous_id: for its events."""

    token: str
    anonymous_id: str
    expires_at: datetime
    is_new_code: bool = True
