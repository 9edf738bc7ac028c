"""Renaming and deleting corp tags 企业标签."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.platforms.wecom.client import Client


class CorpTagEditor:
    """The `TagEditor` of a corp. Its own writes cause no callback.

    An app may edit only tags it made itself: 81011 for others
    (developer.work.weixin.qq.com 92117).
    """

    max_name = 30

    def __init__(self, client: Client) -> None:
        self._client = client

    def rename_tag(self, remote_id: str, name: str) -> None:
        """See `TagEditor`."""
        self._client.edit_corp_tag(remote_id, name)

    def rename_group(self, group_id: str, name: str) -> None:
        """See `TagEditor`."""
        self._client.edit_corp_tag(group_id, name)

    def delete_tags(self, remote_ids: Sequence[str]) -> None:
        """See `TagEditor`. A group goes with its last tag."""
        self._client.del_corp_tag(remote_ids)
