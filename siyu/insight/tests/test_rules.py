from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from siyu.insight.rules import GROUPS, fold_money, group_cells, group_of

CELL = st.tuples(
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 99),
    st.integers(-99, 999),
)


def test_best_and_worst_buyers_are_named():
    assert group_of(5, 5, 5) == "important_value"
    assert group_of(5, 1, 5) == "important_develop"
    assert group_of(1, 5, 5) == "important_keep"
    assert group_of(1, 1, 5) == "important_retain"
    assert group_of(1, 1, 1) == "general_retain"


def test_nobody_bought_means_no_groups():
    assert group_cells([]) == []
    assert fold_money([]) == []


@given(st.lists(CELL, min_size=1))
def test_groups_and_cells_count_everybody_once(cells):
    groups, folded = group_cells(cells), fold_money(cells)
    people, money = sum(cell[3] for cell in cells), sum(cell[4] for cell in cells)
    assert [group.key for group in groups] == list(GROUPS.values())
    assert sum(group.customers for group in groups) == people
    assert sum(cell.customers for cell in folded) == people
    assert sum(group.revenue_fen for group in groups) == money
    assert sum(cell.revenue_fen for cell in folded) == money
    assert len(folded) == 25
