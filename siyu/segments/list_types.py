"""Uploaded lists: where the rows come from, what was found, what became of an upload."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Literal

from siyu.segments.list_files import BLOCK, Line, pasted_lines, read_lines

Mode = Literal["add", "replace"]
BY_ID = "customer_id"


@dataclass(frozen=True)
class ListSource:
    """An uploaded file, or pasted text when there is none."""

    name: str
    file: IO[bytes] | None = None
    text: str = ""

    def lines(self) -> Iterator[Line]:
        """The lines from the start, as often as asked."""
        return read_lines(self.file) if self.file else pasted_lines(self.text)

    def digest(self) -> str:
        """SHA-256 of the content."""
        if self.file is None:
            return hashlib.sha256(self.text.encode()).hexdigest()
        self.file.seek(0)
        whole = hashlib.sha256()
        while block := self.file.read(BLOCK):
            whole.update(block)
        return whole.hexdigest()


@dataclass(frozen=True)
class ListChoice:
    """What the rows hold: kind is `customer_id` or a namespace; column counts from 0."""

    kind: str
    column: int = 0


@dataclass(frozen=True)
class ColumnGuess:
    """A column of the first lines. kind: "" when nothing fits. known: values the pool knows."""

    index: int
    name: str
    sample: list[str]
    kind: str
    known: int
    seen: int


@dataclass(frozen=True)
class Inspection:
    """The columns of a list, and the one that says best who is meant (None: none does)."""

    columns: list[ColumnGuess]
    best: int | None


@dataclass
class UploadCounts:
    """Lines of an upload and the people they name.

    lines = matched + unmatched + ambiguous + refused. added, removed: identities that came onto
    the list and left it. members: customers on it afterwards.
    """

    lines: int = 0
    matched: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    refused: int = 0
    added: int = 0
    removed: int = 0
    members: int = 0


@dataclass(frozen=True)
class Miss:
    """A line that found nobody; `shown` is masked."""

    line: int
    code: str
    shown: str


@dataclass(frozen=True)
class UploadRow:
    """A finished upload; misses: the first of them."""

    id: int
    at: datetime
    actor: str
    file_name: str
    kind: str
    mode: str
    counts: UploadCounts
    misses: list[Miss] = field(default_factory=list)


@dataclass(frozen=True)
class ListResult:
    segment_id: int
    upload: UploadRow
