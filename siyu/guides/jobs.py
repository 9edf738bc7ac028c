"""Duties of the worker."""

from __future__ import annotations

from siyu.core.runtime import runtime
from siyu.guides.fetching import fetch_due
from siyu.guides.syncing import start_first_syncs, start_nightly_syncs, work


def fetch_new_friends() -> bool:
    """Duty: fetch profiles that are due."""
    return fetch_due(runtime().clock.now())


def sync_accounts() -> bool:
    """Duty: begin first and nightly pulls, carry on with running ones."""
    now = runtime().clock.now()
    start_first_syncs(now)
    start_nightly_syncs(now)
    return work(now)
