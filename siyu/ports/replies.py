"""Answers inside a callback: what we say is part of the reply that the platform waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class SealedReply:
    """The HTTP body that carries the answer, and its content type."""

    body: bytes
    content_type: str


class PassiveReplies(Protocol):
    """A platform that lets a callback be answered with a message, within `deadline` seconds."""

    @property
    def deadline(self) -> float: ...

    def seal(self, message: bytes, reply: Mapping[str, str], now: datetime) -> SealedReply:
        """The answer to a verified message (`Verified.body`). Pure but for the envelope's salt.

        reply: one piece in the platform-neutral shape: `{"kind": "text", "text"}`,
        `{"kind": "link", "title", "url", "description"?, "image_url"?}`,
        `{"kind": "image", "media_id"}` or `{"kind": "mini_program", "title", "app_id", "page",
        "url"?}`. Refused for another kind.
        """
        ...
