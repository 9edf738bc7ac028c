"""Duties of the worker."""

from __future__ import annotations

from siyu.core.runtime import runtime
from siyu.writeback.comparing import compare_changed, walk_groups
from siyu.writeback.naming import push_names
from siyu.writeback.pushing import push_remarks, push_tags


def write_back() -> bool:
    """Duty: compare who changed, then write what is waiting; True when there may be more."""
    now = runtime().clock.now()
    steps = (push_names, compare_changed, walk_groups, push_tags, push_remarks)
    has_more = [step(now) for step in steps]
    return any(has_more)
