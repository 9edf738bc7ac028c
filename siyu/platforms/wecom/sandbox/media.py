"""Temporary media: uploads as multipart forms, ids that end after three days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.platforms.wecom.sandbox.books import Corp, Fault, Media
from siyu.platforms.wecom.sandbox.people import Answer, Call
from siyu.wechat.sandbox.uploads import LIFE, read_part

LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
_MOST_BYTES = {"link": {"title": 128, "desc": 512, "url": 2048}, "miniprogram": {"title": 64}}
_MEDIA_FIELDS = {
    "image": "media_id",
    "video": "media_id",
    "file": "media_id",
    "miniprogram": "pic_media_id",
}


ALBUM, MOMENT = "2", "1"
ATTACHMENT_KINDS = {MOMENT: ("image", "video"), ALBUM: ("image",)}
ATTACHMENT_BYTES = 10 << 20


def upload(call: Call) -> Answer:
    kind = call.query.get("type", "")
    if kind not in LIMITS:
        raise Fault(40004, "invalid media type")
    return _keep(call, kind, LIMITS[kind])


def upload_attachment(call: Call) -> Answer:
    """For moments or the album of goods: a drawer of its own."""
    kind, use = call.query.get("media_type", ""), call.query.get("attachment_type", "")
    if use not in ATTACHMENT_KINDS:
        raise Fault(40058, "attachment_type is invalid")
    if kind not in ATTACHMENT_KINDS[use]:
        raise Fault(40004, "invalid media type")
    answer = _keep(call, kind, ATTACHMENT_BYTES)
    call.corp.media[answer["media_id"]].is_for_moments = use == MOMENT
    return answer


def _keep(call: Call, kind: str, most: int) -> Answer:
    part = read_part(call.headers, call.raw)
    if part is None:
        raise Fault(41005, "media data missing")
    name, size = part
    if size <= 5:
        raise Fault(44001, "empty media data")
    if size > most:
        raise Fault(45001, "media size out of limit")
    media_id = call.corp.next_id("m")
    ends = int((call.now + LIFE).timestamp())
    call.corp.media[media_id] = Media(media_id, kind, name, size, ends)
    return {"type": kind, "media_id": media_id, "created_at": str(call.second)}


def check_attachments(
    corp: Corp, attachments: list[Any], second: int, *, is_for_moments: bool = False
) -> list[str]:
    """The kinds of attachments; 40007 when one names a file that is unknown, has ended, or was
    uploaded for another use."""
    kinds = []
    for one in attachments:
        kind = one.get("msgtype", "") if isinstance(one, Mapping) else ""
        body = one.get(kind) if kind else None
        if kind not in {*_MEDIA_FIELDS, "link"} or not isinstance(body, Mapping):
            raise Fault(40058, "attachments.msgtype is invalid")
        media_id = body.get(_MEDIA_FIELDS.get(kind, ""), "")
        _check_texts(kind, body)
        if kind == "link":
            if not body.get("title") or not body.get("url"):
                raise Fault(40058, "link needs title and url")
        elif not (kind == "image" and body.get("pic_url")):
            media = corp.media.get(str(media_id))
            if media is None or media.ends_at < second or media.is_for_moments != is_for_moments:
                raise Fault(40007, "invalid media_id")
        kinds.append(kind)
    return kinds


def _check_texts(kind: str, body: Mapping[str, Any]) -> None:
    for name, most in _MOST_BYTES.get(kind, {}).items():
        if len(str(body.get(name, "")).encode()) > most:
            raise Fault(40058, f"{kind}.{name} exceed max length {most}")


CALLS: dict[str, tuple[str, Callable[[Call], Answer]]] = {
    "media/upload": ("POST", upload),
    "media/upload_attachment": ("POST", upload_attachment),
}
