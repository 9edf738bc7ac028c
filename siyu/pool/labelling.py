"""Who finds the connected components of a rebuild: this process, or a cluster that `site` names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Labeller = Callable[[Numbers, Numbers, int], Numbers]
"""From the two ends of each link and the count of numbers to the smallest of each's component."""

_choices: list[Callable[[], Labeller]] = []


def set_labeller(choose: Callable[[], Labeller]) -> None:
    """Name who chooses, at each rebuild."""
    _choices[:] = [choose]


def label(left: Numbers, right: Numbers, count: int) -> Numbers:
    """For each of `count` numbers, the smallest number of its component."""
    labeller = _choices[0]() if _choices else label_here
    return labeller(left, right, count)


def label_here(left: Numbers, right: Numbers, count: int) -> Numbers:
    """In this process, which loads the compiler (40 MB) only when a rebuild needs it."""
    from siyu.pool.components import label_components

    return label_components(left, right, count)
