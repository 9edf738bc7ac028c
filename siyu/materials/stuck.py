"""Files that could not be uploaded, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.materials.models import Media
from siyu.ports.capabilities import Check


def list_stuck(account: str) -> Iterator[Check]:
    """Files an account does not have; messages go out without them."""
    rows = Media.objects.filter(account=account, material__archived_at=None)
    yield from stuck_line(
        "materials",
        rows.filter(tries__gte=PERSISTENT),
        "{} 个素材没有传到平台",
        "会自动重试; 带它的消息先只发文字, 格式或大小不对时请换一个文件",
    )
