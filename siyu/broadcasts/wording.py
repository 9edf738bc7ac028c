"""What a broadcast says, held against what its channel can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.kernel.errors import Refused
from siyu.materials import actions as materials
from siyu.ports.manifest import Channel
from siyu.reach import actions as reach


def check_content(
    channel: Channel, text: str, attachments: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The attachments as they are kept; Refused with the field at fault."""
    plain = [dict(item) for item in attachments]
    materials.check_attachments(plain, field="attachments", kinds=channel.attachments)
    if channel.is_single and plain:
        _check_single(text, plain)
    if text.strip() or not plain:
        reach.check_template(text, field="text")
    if len(text) > channel.max_chars:
        raise Refused("broadcast.text", f"内容最多 {channel.max_chars} 字", field="text")
    return plain


def _check_single(text: str, attachments: Sequence[Mapping[str, Any]]) -> None:
    kinds = {str(item["kind"]) for item in attachments}
    is_many = len(attachments) > 1 and kinds != {"image"}
    if text.strip() or len(kinds) > 1 or is_many:
        raise Refused(
            "broadcast.single",
            "这个渠道一条消息只能是一段文字, 或一组图片, 或一个其他附件",
            field="attachments",
        )
