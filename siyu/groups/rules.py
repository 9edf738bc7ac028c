"""A group as it was known against the group as the platform shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar, cast

from siyu.ports.groups import RemoteMember

LAG = timedelta(seconds=60)
"""The platform's details may be this much older than its events."""


class Stayed(Protocol):
    """What is known of one stay."""

    @property
    def remote_id(self) -> str: ...

    @property
    def joined_at(self) -> datetime: ...

    @property
    def left_at(self) -> datetime | None: ...


Stay = TypeVar("Stay")
"""A row that is `Stayed`; tables cannot say so to the type checker."""


@dataclass(frozen=True)
class Difference(Generic[Stay]):
    """new: to be kept. gone: open stays of people no longer shown. back: closed stays of people
    who are still there, after all. same: open stays with what is shown of them now."""

    new: list[RemoteMember] = field(default_factory=list)
    gone: list[Stay] = field(default_factory=list)
    back: list[Stay] = field(default_factory=list)
    same: list[tuple[Stay, RemoteMember]] = field(default_factory=list)


def compare(
    known: Iterable[Stay], shown: Sequence[RemoteMember], asked_at: datetime
) -> Difference[Stay]:
    """What changed. asked_at: when the platform was asked.

    Somebody shown with a later joining time than known left in between and came again.
    """
    found: Difference[Stay] = Difference()
    stays = {(_of(stay).remote_id, _of(stay).joined_at): stay for stay in known}
    present = {(member.remote_id, member.joined_at): member for member in shown}
    for key, member in present.items():
        stay = stays.get(key)
        if stay is None:
            found.new.append(member)
        elif _left_at(stay) is None:
            found.same.append((stay, member))
        elif (_left_at(stay) or asked_at) + LAG <= asked_at:
            found.back.append(stay)
    for key, stay in stays.items():
        if _left_at(stay) is None and key not in present:
            found.gone.append(stay)
    return found


def _of(stay: object) -> Stayed:
    return cast("Stayed", stay)


def _left_at(stay: object) -> datetime | None:
    return _of(stay).left_at
