"""Who wins when Siyu and a platform say different things of a tag. Pure."""

from __future__ import annotations

from enum import Enum

from siyu.writeback.types import Mirror


def decide(*, is_ours: bool, is_theirs: bool, mirror: Mirror | None) -> bool | None:
    """What a relation shall have of a tag; None when it is as it shall be.

    is_ours: the customer carries the tag by Siyu's word (by hand, rule, journey). is_theirs:
    the member of staff put it on the relation and nobody took it off since. mirror: what the
    platform has.
    """
    has_it = mirror.is_remote if mirror is not None else is_theirs
    shall = is_ours or is_theirs
    return None if has_it == shall else shall


def is_taken_off_there(*, mirror: Mirror | None, known_at: int, told_at: int) -> bool:
    """Whether a list without a tag says that somebody took it off at the platform."""
    return mirror is not None and mirror.is_remote and told_at > known_at


class NameStep(Enum):
    """What becomes of a name that was changed here."""

    DONE = "done"
    WRITE = "write"
    YIELD = "yield"


def decide_name(*, listed: str, known: str, wanted: str, tried: str) -> NameStep:
    """Whose name stands. listed: what the platform calls it now; known: what it did when last
    heard of; tried: the name last sent, whose fate may be unknown.

    Platforms do not tell when somebody renamed a tag, so there is no last word: a name that is
    neither known nor ours was given there, and stands.
    """
    if listed == wanted:
        return NameStep.DONE
    return NameStep.WRITE if listed in (known, tried) else NameStep.YIELD
