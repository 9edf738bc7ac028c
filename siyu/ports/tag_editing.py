"""Renaming and deleting the tags of an account, for platforms that let us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class TagEditor(Protocol):
    """Raises the PlatformError family. PlatformRefused also when a name is taken, or when the
    platform lets only whoever made a tag change it.

    max_name: most characters of a name.
    """

    max_name: int

    def rename_tag(self, remote_id: str, name: str) -> None:
        """Call a tag otherwise; the same name twice is as once."""
        ...

    def rename_group(self, group_id: str, name: str) -> None:
        """Call a tag group otherwise; the same name twice is as once."""
        ...

    def delete_tags(self, remote_ids: Sequence[str]) -> None:
        """Delete tags, and take them off everybody who carries them."""
        ...
