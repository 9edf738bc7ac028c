"""Senders who are no longer there: nobody taps for them until their customers are taken over."""

from __future__ import annotations

from collections.abc import Callable, Collection

Leavers = Callable[[str], Collection[str]]
"""Account → remote ids of the members of staff who left it."""


def _nobody(_account: str) -> Collection[str]:
    return ()


_leavers: Leavers = _nobody


def set_leavers(leavers: Leavers) -> None:
    """Who left, from now on; `site` sets it, since the rooms that know are above this one."""
    global _leavers  # noqa: PLW0603 - one per process, by design
    _leavers = leavers


def leavers_of(account: str) -> frozenset[str]:
    """Remote ids of an account's staff who left."""
    return frozenset(_leavers(account))
