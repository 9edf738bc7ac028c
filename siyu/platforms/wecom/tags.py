"""Corp tags 企业标签; they hang on a (staff, customer) pair."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.kernel.errors import PlatformRefused
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.errors import BOOK
from siyu.ports.capabilities import RemoteTag


class CorpTags:
    """The `TagWriter` of a corp. Its own writes cause no callback."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list_tags(self) -> list[RemoteTag]:
        """All tags of the corp."""
        return [
            RemoteTag(tag.id, tag.name, group.group_id, group.group_name)
            for group in self._client.get_corp_tag_list().tag_group
            for tag in group.tag
        ]

    def create_tags(self, group_name: str, names: Sequence[str]) -> list[RemoteTag]:
        """The tags of these names in a group; those that exist are found, the rest made."""
        found = self._find(group_name, names)
        missing = [name for name in dict.fromkeys(names) if name not in found]
        if missing:
            try:
                self._client.add_corp_tag(group_name, missing)
            except PlatformRefused as error:
                if not BOOK.is_ignorable(error):
                    raise
            found = self._find(group_name, names)
        return [found[name] for name in names if name in found]

    def mark(self, staff: str, customer: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Put tags on a relation and take others off, by their remote ids."""
        self._client.mark_tag(
            {
                "userid": staff,
                "external_userid": customer,
                "add_tag": list(add),
                "remove_tag": list(remove),
            }
        )

    def _find(self, group_name: str, names: Sequence[str]) -> dict[str, RemoteTag]:
        wanted = set(names)
        return {
            tag.name: tag
            for tag in self.list_tags()
            if tag.group_name == group_name and tag.name in wanted
        }
