"""Duties of the worker."""

from __future__ import annotations

from siyu.core.runtime import runtime
from siyu.guides import behaviour, figures, loss_alerts, transferring
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


def move_customers() -> bool:
    """Duty: ask for take-overs and learn what became of them."""
    return transferring.work(runtime().clock.now())


def tell_losses() -> bool:
    """Duty: tell staff and managers of lost customers."""
    return loss_alerts.tell(runtime().clock.now())


def pull_behaviour() -> bool:
    """Duty: pull the platforms' figures of the staff's work."""
    return behaviour.pull(runtime().clock.now())


def count_figures() -> bool:
    """Duty: count what the staff did."""
    return figures.work_on_figures(runtime().clock.now())
