"""Codes that make people follow an account; each carries a scene that tells where it hung."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class RemoteFollowCode:
    """A code as the platform made it. url: what the picture holds; expires_at: None = never."""

    remote_id: str
    url: str
    expires_at: datetime | None = None


class FollowCodeIssuer(Protocol):
    def create_follow_code(self, scene: str, *, seconds: int) -> RemoteFollowCode:
        """A code whose followers carry `scene`. seconds: 0 = permanent, else at most 30 days."""
        ...
