"""What the scores are called. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.insight.types import RfmCell, RfmGroup

HIGH = 4
"""A score of 4 or 5 is high: the better two fifths of the buyers."""

GROUPS = {
    (True, True, True): "important_value",
    (True, False, True): "important_develop",
    (False, True, True): "important_keep",
    (False, False, True): "important_retain",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_retain",
}
"""重要价值, 重要发展, 重要保持, 重要挽留, 一般价值, 一般发展, 一般保持, 一般挽留."""


def group_of(recency: int, frequency: int, money: int) -> str:
    """The named group of three scores from 1 to 5."""
    return GROUPS[recency >= HIGH, frequency >= HIGH, money >= HIGH]


def group_cells(cells: Iterable[tuple[int, int, int, int, int]]) -> list[RfmGroup]:
    """The eight groups of (r, f, m, customers, revenue_fen) cells; none when nobody bought."""
    people, money = dict.fromkeys(GROUPS.values(), 0), dict.fromkeys(GROUPS.values(), 0)
    for recency, frequency, monetary, customers, revenue_fen in cells:
        key = group_of(recency, frequency, monetary)
        people[key] += customers
        money[key] += revenue_fen
    total = sum(people.values())
    if not total:
        return []
    return [RfmGroup(key, count, money[key], count / total) for key, count in people.items()]


def fold_money(cells: Iterable[tuple[int, int, int, int, int]]) -> list[RfmCell]:
    """The 25 cells of recency × frequency, empty ones too; none when nobody bought."""
    cells = list(cells)
    if not cells:
        return []
    folded = {(r, f): [0, 0] for r in range(1, 6) for f in range(1, 6)}
    for recency, frequency, _money, customers, revenue_fen in cells:
        folded[recency, frequency][0] += customers
        folded[recency, frequency][1] += revenue_fen
    return [RfmCell(r, f, customers, fen) for (r, f), (customers, fen) in folded.items()]
