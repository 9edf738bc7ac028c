"""Which files of the history to merge next: a pure decision over what the log says.

A month holds one sorted run (files with disjoint identities) and loose files that came later.
Loose files merge among their like, eight at a time, so that each row is rewritten a few times
only. Once they are a fifth of the run, the whole month becomes one sorted run again; in a month
that is over, also when they have waited an hour (a day, if they are less than a hundredth). A reader of one identity therefore opens one file of the run
and a bounded number of loose ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from siyu.lake.delta import DataFile

FAN = 8
FIRST_TIER_ROWS = 1_024
LOOSE_SHARE = 0.2
SMALL_ROWS = 524_288
SETTLED_SHARE = 0.01
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Merge:
    """Files of one month to become one; is_whole: all of the month, as its sorted run."""

    month: str
    files: tuple[DataFile, ...]
    is_whole: bool


def choose_merge(files: Iterable[DataFile], *, now_ms: int, current_month: str) -> Merge | None:
    """The most useful merge, the one of most files; None when every month is tidy."""
    by_month = groupby(sorted(files, key=lambda file: file.month), key=lambda file: file.month)
    found = [
        merge
        for month, listed in by_month
        if (merge := _choose(month, tuple(listed), now_ms, current_month)) is not None
    ]
    return max(found, key=lambda merge: len(merge.files), default=None)


def tier_of(rows: int) -> int:
    """Loose files of one tier are of like size; eight of them make one of the next."""
    tier = 0
    while rows >= FIRST_TIER_ROWS * FAN**tier:
        tier += 1
    return tier


def _choose(
    month: str, files: tuple[DataFile, ...], now_ms: int, current_month: str
) -> Merge | None:
    loose = [file for file in files if not file.is_sorted]
    if not loose:
        return None
    loose_rows = sum(file.rows for file in loose)
    run_rows = sum(file.rows for file in files) - loose_rows
    waits = HOUR_MS if loose_rows >= SETTLED_SHARE * run_rows else 24 * HOUR_MS
    is_aged = now_ms - min(file.written_ms for file in loose) >= waits
    if (is_aged and month < current_month) or (
        len(loose) >= FAN and loose_rows >= LOOSE_SHARE * run_rows
    ):
        return Merge(month, files, is_whole=True)
    crowd = _crowded_tier(loose)
    return Merge(month, crowd, is_whole=False) if crowd else None


def _crowded_tier(loose: Sequence[DataFile]) -> tuple[DataFile, ...]:
    """The smallest tier with too many files, and everything below it; () when there is none."""
    small = [file for file in loose if file.rows < SMALL_ROWS]
    for tier in sorted({tier_of(file.rows) for file in small}):
        crowd = tuple(file for file in small if tier_of(file.rows) <= tier)
        if sum(tier_of(file.rows) == tier for file in crowd) >= FAN:
            return crowd
    return ()
