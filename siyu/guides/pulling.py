"""What a full pull reads: sources, each in parts, each part in pages with a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Part = list[str]


@dataclass(frozen=True)
class Pull:
    """The pull under way, as sources see it.

    started_at: the shared clock at its start. cursor: the page to be read. staff: whose
    relations it reads. gone: how many things it told to be no more.
    """

    id: int
    account: str
    started_at: datetime
    cursor: str = ""
    staff: tuple[str, ...] = ()
    gone: int = 0


@dataclass(frozen=True)
class Plan:
    """In which parts a source is read. expected: how many things there will be, 0 = unknown."""

    parts: list[Part]
    staff: list[str] = field(default_factory=list)
    expected: int = 0


def _nothing() -> None:
    """A page with nothing to write."""


@dataclass(frozen=True)
class PullPage:
    """One page as it was read.

    found: things on it; changed: those new or other than before; gone: things told to be no
    more; missed: what callbacks should have told and did not. cursor: of the next page, "" at the end of the part. keep: writes the page down; it
    runs in the transaction that moves the checkpoint, so a page counts once.
    """

    found: int = 0
    changed: int = 0
    gone: int = 0
    missed: int = 0
    cursor: str = ""
    keep: Callable[[], None] = _nothing


class PullSource(Protocol):
    """One kind of thing an account has lists of.

    name: for people and checkpoints. is_essential: when it cannot be read, the pull fails;
    others are left out with a note. Raises the PlatformError family and Refused.
    """

    name: str
    is_essential: bool

    def is_offered(self, account: str) -> bool:
        """Whether the platform of this account has such lists."""
        ...

    def plan(self, pull: Pull) -> Plan:
        """In which parts to read; asked once for each pull."""
        ...

    def read(self, pull: Pull, part: Part) -> PullPage:
        """The page of `part` at `pull.cursor`. The same page may be asked for twice."""
        ...

    def finish(self, pull: Pull, now: datetime) -> PullPage:
        """After all parts: tell what is gone; called again while it gives a cursor."""
        ...


def in_chunks(items: Sequence[str], size: int) -> list[Part]:
    """Parts of at most `size` items."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
