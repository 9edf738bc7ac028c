"""Duties of the worker."""

from __future__ import annotations

from siyu.core.runtime import runtime
from siyu.writeback.comparing import compare_changed, walk_groups
from siyu.writeback.pushing import push_remarks, push_tags


def write_back() -> bool:
    """Duty: compare who changed, then write what is waiting; True when there may be more."""
    now = runtime().clock.now()
    has_more = [compare_changed(now), walk_groups(now), push_tags(now), push_remarks(now)]
    return any(has_more)
