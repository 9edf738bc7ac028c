"""Files that a platform keeps for a while, so that messages can carry them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MESSAGE, MOMENT = "", "moment"
"""What a file is uploaded for: platforms keep files of moments apart from those of messages."""


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """A file of ours. kind: `image`, `video` or `file`; name: with its suffix; use: `MESSAGE` or
    `MOMENT`."""

    kind: str
    name: str
    content: bytes
    use: str = MESSAGE


@dataclass(frozen=True)
class RemoteMedia:
    """What the platform calls a file, and until when."""

    media_id: str
    expires_at: datetime


class MediaStore(Protocol):
    """Raises the PlatformError family; Refused for files the platform does not take."""

    def upload(self, file: MediaFile) -> RemoteMedia:
        """Hand over a file; doing so twice costs a call and harms nothing."""
        ...
