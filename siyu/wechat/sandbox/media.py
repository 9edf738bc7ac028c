"""Temporary media of an app: uploaded as forms, known for three days."""

from __future__ import annotations

from typing import Any

from siyu.wechat.sandbox.books import Fault
from siyu.wechat.sandbox.front import Call
from siyu.wechat.sandbox.uploads import LIFE, is_living, kept_media, read_part

LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}


def upload_media(call: Call) -> dict[str, Any]:
    """POST media/upload."""
    kind = call.query.get("type", "")
    if kind not in LIMITS:
        raise Fault(40004, "invalid media type")
    part = read_part(call.headers, call.raw)
    if part is None:
        raise Fault(41005, "media data missing")
    if not 0 < part[1] <= LIMITS[kind]:
        raise Fault(45001 if part[1] else 44001, "media size out of limit")
    now = call.books.now()
    media_id = f"MEDIA{call.books.next_id('media')}"
    kept_media(call.app)[media_id] = now + LIFE
    call.app.counts["uploads"] += 1
    return {"type": kind, "media_id": media_id, "created_at": int(now.timestamp())}


def check_media(call: Call, media_id: object) -> None:
    """Fault 40007 when the file is unknown or was forgotten."""
    if not is_living(call.app, str(media_id), call.books.now()):
        raise Fault(40007, "invalid media_id")
