"""Fan tags 用户标签: they hang on a fan; at most 100 for an account, 20 for a fan."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.capabilities import RemoteTag
from siyu.wechat.errors import BOOK

GROUP = "公众号标签"
"""The platform has no tag groups; all tags are shown in this one."""
SYSTEM_TAGS = frozenset({0, 1, 2})


class FanTags:
    """The `TagWriter` of an official account. Its own writes cause no callback."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def list_tags(self) -> list[RemoteTag]:
        """All tags but the system's own (star, black list)."""
        return [
            RemoteTag(str(tag.id), tag.name, "", GROUP)
            for tag in self._client.get_tags().tags
            if tag.id not in SYSTEM_TAGS
        ]

    def create_tags(self, group_name: str, names: Sequence[str]) -> list[RemoteTag]:  # noqa: ARG002
        """The tags of these names; those that exist are found, the rest made."""
        found = {tag.name: tag for tag in self.list_tags()}
        for name in dict.fromkeys(names):
            if name in found:
                continue
            try:
                made = self._client.create_tag(name).tag
                found[name] = RemoteTag(str(made.id), made.name or name, "", GROUP)
            except PlatformRefused as error:
                if not BOOK.is_ignorable(error):
                    raise
                found.update({tag.name: tag for tag in self.list_tags()})
        return [found[name] for name in names if name in found]

    def mark(self, staff: str, customer: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Put tags on a fan and take others off, by their remote ids. `staff` is not needed."""
        del staff
        for tag_id in add:
            self._client.tag_fans(_number(tag_id), [customer])
        for tag_id in remove:
            self._client.untag_fans(_number(tag_id), [customer])


def _number(tag_id: str) -> int:
    if not tag_id.isdigit():
        raise Refused("wechat.tag", "标签 ID 须为数字", field="tag")
    return int(tag_id)
