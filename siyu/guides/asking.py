"""What a platform tells of its own lists → those lists are read again soon."""

from __future__ import annotations

from siyu.core.accounts import active_accounts
from siyu.core.pipeline import Batch
from siyu.guides.syncing import ask_for
from siyu.ports import facts

_SOURCES = {
    facts.STAFF_SYNCED: "directory",
    facts.STAFF_RENAMED: "directory",
    facts.DEPARTMENT_CHANGED: "directory",
    facts.TAG_CATALOG_CHANGED: "tags",
}


def ask_for_changed(batch: Batch) -> None:
    """Directories and lists of tags that changed are pulled, nothing else."""
    wanted: dict[str, set[str]] = {}
    for seen in batch.named(*_SOURCES):
        wanted.setdefault(seen.fact.account, set()).add(_SOURCES[seen.fact.name])
    if not wanted:
        return
    for account in set(active_accounts()) & wanted.keys():
        ask_for(account, wanted[account], batch.now)
