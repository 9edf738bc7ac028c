"""Files handed over as multipart forms, as every sandbox of the family reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from siyu.wechat.sandbox.books import App

LIFE = timedelta(days=3)
_NAME = re.compile(rb'name="media".*?filename="([^"]*)"', re.DOTALL)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


def read_part(headers: Mapping[str, str], raw: bytes) -> tuple[str, int] | None:
    """File name and size of the form's field `media`; None when there is none."""
    found = _BOUNDARY.search(headers.get("content-type", ""))
    if found is None:
        return None
    for part in raw.split(b"--" + found[1].encode()):
        head, gap, body = part.partition(b"\r\n\r\n")
        named = _NAME.search(head)
        if gap and named:
            return named[1].decode(errors="replace"), len(body.removesuffix(b"\r\n"))
    return None


def kept_media(app: App) -> dict[str, datetime]:
    """Until when the platform keeps each file of an app."""
    found: dict[str, datetime] = app.store.setdefault("media", {})
    return found


def is_living(app: App, media_id: str, now: datetime) -> bool:
    """Whether the platform still keeps a file."""
    ends_at = kept_media(app).get(media_id)
    return ends_at is not None and ends_at > now
