"""What materials hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

KINDS = ("image", "video", "file")


@dataclass(frozen=True, kw_only=True)
class MaterialView:
    """A file with its state at the accounts that use it. size in bytes."""

    id: int
    kind: str
    name: str
    size: int
    content_type: str
    created_at: datetime
    is_archived: bool
    media: tuple[MediaView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MediaView:
    """is_ready: messages of this account can carry it now."""

    account: str
    is_ready: bool
    expires_at: datetime | None
    error: str
