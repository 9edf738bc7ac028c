"""What a moment may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.errors import Refused
from siyu.moments.types import MomentDraft

MAX_NAME = 64
MAX_TEXT = 2_000
MAX_AHEAD = timedelta(days=90)
MOST = {"image": 9, "video": 1, "link": 1}


def check_draft(draft: MomentDraft, now: datetime) -> None:
    """Refused with the field at fault. Limits as every platform of this kind has them."""
    if not draft.name.strip() or len(draft.name) > MAX_NAME:
        raise Refused("moment.name", f"名称须为 1 到 {MAX_NAME} 个字", field="name")
    if len(draft.text) > MAX_TEXT:
        raise Refused("moment.text", f"文案最多 {MAX_TEXT} 字", field="text")
    if not draft.text.strip() and not draft.attachments:
        raise Refused("moment.empty", "请填写文案或添加附件", field="text")
    if not 1 <= draft.watch_days <= 30:
        raise Refused("moment.watch", "观察期须为 1 到 30 天", field="watch_days")
    at = draft.scheduled_at
    if at is not None and not now - timedelta(minutes=5) <= at <= now + MAX_AHEAD:
        raise Refused("moment.time", "定时须在今后 90 天内", field="scheduled_at")
    _check_kinds(draft.attachments)


def _check_kinds(attachments: Sequence[Mapping[str, Any]]) -> None:
    """Nine images, or one video, or one link."""
    kinds = {str(item.get("kind")) for item in attachments}
    if not kinds:
        return
    kind = next(iter(kinds))
    if len(kinds) > 1 or kind not in MOST or len(attachments) > MOST[kind]:
        raise Refused(
            "moment.attachments", "附件须为 1 到 9 张图片、1 个视频或 1 个链接", field="attachments"
        )
