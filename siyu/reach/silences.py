"""Conversations in which we must not speak, although their window is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

Place = tuple[str, str]
"""Account and thread of a conversation."""
Silences = Callable[[Collection[Place]], Mapping[Place, str]]
"""Of some conversations, those in which we must not speak, with the reason: `NOT_OUR_TURN` (a
greeting that the platform asks for still goes) or `DESK_LOST`."""


def _none(_places: Collection[Place]) -> Mapping[Place, str]:
    return {}


_silences: Silences = _none


def set_silences(silences: Silences) -> None:
    """Who says where we must not speak; `site` sets it, since that room is above this one."""
    global _silences  # noqa: PLW0603 - one per process, by design
    _silences = silences


def silences_of(places: Collection[Place]) -> Mapping[Place, str]:
    """Conversation → why we must not speak there now; those where we may are left out."""
    return _silences(places) if places else {}
