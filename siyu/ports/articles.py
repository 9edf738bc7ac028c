"""Articles that were written on the platform and wait there to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Article:
    """One draft. media_id: what a message names it by; parts: how many articles it holds."""

    media_id: str
    title: str
    digest: str
    url: str
    parts: int
    updated_at: datetime


class ArticleSource(Protocol):
    def list_articles(self, cursor: str) -> tuple[list[Article], str]:
        """One page, the newest first, and the next cursor ("" at the end)."""
        ...
