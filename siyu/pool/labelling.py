"""Who finds the connected components of a rebuild: this process, or a cluster that `site` names."""

from __future__ import annotations

from collections.abc import Callable

from siyu.pool.components import Numbers, label_components

Labeller = Callable[[Numbers, Numbers, int], Numbers]
"""From the two ends of each link and the count of numbers to the smallest of each's component."""

_choices: list[Callable[[], Labeller]] = []


def set_labeller(choose: Callable[[], Labeller]) -> None:
    """Name who chooses, at each rebuild."""
    _choices[:] = [choose]


def label(left: Numbers, right: Numbers, count: int) -> Numbers:
    """For each of `count` numbers, the smallest number of its component."""
    labeller = _choices[0]() if _choices else label_components
    return labeller(left, right, count)
