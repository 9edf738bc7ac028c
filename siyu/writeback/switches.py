"""Which tag groups are kept equal on which accounts; asked often, so remembered for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from siyu.core.runtime import Runtime, runtime
from siyu.pool.tag_words import tags_of_groups
from siyu.writeback.models import SyncedGroup

FRESH_SECONDS = 1.0
TagNames = Mapping[int, tuple[int, str, str]]
"""Tag → its group, the group's name, its name."""


@dataclass
class Switches:
    """accounts: account → the tags that are kept equal there."""

    accounts: dict[str, TagNames] = field(default_factory=dict)
    checked: float = 0.0
    run: Runtime | None = None

    @property
    def tag_ids(self) -> set[int]:
        """Tags that are kept equal anywhere."""
        return {tag for tags in self.accounts.values() for tag in tags}


_known = Switches()


def switches() -> Switches:
    """What is switched on; a change made elsewhere is seen within a second."""
    global _known  # noqa: PLW0603 - one memory for the process
    if _known.run is not runtime() or _known.checked < monotonic() - FRESH_SECONDS:
        _known = Switches(_load(), monotonic(), runtime())
    return _known


def forget() -> None:
    """Look again at once."""
    _known.checked = 0.0


def _load() -> dict[str, TagNames]:
    rows = list(SyncedGroup.objects.filter(is_on=True).values_list("account", "group_id"))
    if not rows:
        return {}
    tags = tags_of_groups({group for _, group in rows})
    return {
        account: {tag: found for tag, found in tags.items() if (account, found[0]) in set(rows)}
        for account in {account for account, _ in rows}
    }
