"""Which of a code's groups it leads to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARGIN_SHARE = 20
"""A group is swapped when one part in so many of its places is left."""


@dataclass(frozen=True)
class Candidate:
    """A group a code may lead to. members: as last read."""

    remote_id: str
    members: int
    is_dismissed: bool = False


def has_room(candidate: Candidate, limit: int) -> bool:
    """Whether customers may still be led there: not dismissed and not nearly full."""
    margin = max(1, limit // MARGIN_SHARE)
    return not candidate.is_dismissed and candidate.members < limit - margin


def choose_groups(candidates: Sequence[Candidate], limit: int, most: int) -> tuple[list[str], bool]:
    """The groups to lead to, in order, and whether any has room.

    When none has, the last living one stays: the platform needs one to make the next from, and
    customers are told by the platform itself that it is full.
    """
    free = [one.remote_id for one in candidates if has_room(one, limit)]
    if free:
        return free[:most], True
    living = [one.remote_id for one in candidates if not one.is_dismissed]
    return living[-1:], False


def number_after(names: Sequence[str], base_name: str, number: int) -> int:
    """The number of the next group: after the highest one in use, at least `number`."""
    used = [
        int(name.removeprefix(base_name))
        for name in names
        if base_name and name.startswith(base_name) and _is_number(name.removeprefix(base_name))
    ]
    return max([number, *(one + 1 for one in used)])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7
