"""Attachments in the platform-neutral shape → WeCom's.

Neutral: `{"kind": "link", "title", "url", "description"?, "image_url"?}`,
`{"kind": "image", "media_id" or "url"}`,
`{"kind": "mini_program", "title", "app_id", "page", "media_id"}`,
`{"kind": "video" or "file", "media_id"}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.kernel.errors import PlatformRefused
from siyu.platforms.wecom.wire import Attachment

MAX_ATTACHMENTS = 9
MOST_BYTES = {
    "link": {"title": 128, "desc": 512, "url": 2048},
    "miniprogram": {"title": 64},
}
"""Longest texts of attachments in bytes (developer.work.weixin.qq.com 92135, read 2026-02)."""
_SHAPES: dict[str, tuple[str, dict[str, str]]] = {
    "link": (
        "link",
        {"title": "title", "url": "url", "description": "desc", "image_url": "picurl"},
    ),
    "image": ("image", {"media_id": "media_id", "url": "pic_url"}),
    "mini_program": (
        "miniprogram",
        {"title": "title", "app_id": "appid", "page": "page", "media_id": "pic_media_id"},
    ),
    "video": ("video", {"media_id": "media_id"}),
    "file": ("file", {"media_id": "media_id"}),
}


def to_wire(attachments: Sequence[Mapping[str, str]]) -> list[Attachment]:
    """WeCom's list; PlatformRefused when a kind is unknown or there are more than nine."""
    if len(attachments) > MAX_ATTACHMENTS:
        raise PlatformRefused("wecom.attachments", f"附件最多 {MAX_ATTACHMENTS} 个")
    return [_one(attachment) for attachment in attachments]


def _one(attachment: Mapping[str, str]) -> Attachment:
    shape = _SHAPES.get(attachment.get("kind", ""))
    if shape is None:
        raise PlatformRefused("wecom.attachments", "企业微信不支持这种附件", field="kind")
    kind, names = shape
    body = {theirs: attachment[ours] for ours, theirs in names.items() if attachment.get(ours)}
    for name, most in MOST_BYTES.get(kind, {}).items():
        if len(body.get(name, "").encode()) > most:
            said = f"附件的 {name} 超过 {most} 字节"
            raise PlatformRefused("wecom.attachment_text", said, field="attachments")
    return {"msgtype": kind, kind: body}
