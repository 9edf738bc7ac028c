"""Connected components of a table of links between 128-bit ids, at the speed of memory.

Ids are two unsigned 64-bit words, already hashes (or UUIDs). They are numbered by partitions
that fit the processor's cache, one hash table each, and joined by union-find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from siyu.pool.labelling import Numbers

Words = NDArray[np.uint64]
_PARTITION_ROWS = 32_768
_MAX_PARTITION_BITS = 12


@dataclass(frozen=True)
class Numbering:
    """left, right: dense numbers of the two ends of each link. count: distinct ids."""

    left: Numbers
    right: Numbers
    count: int


def number_ids(left: Words, right: Words) -> Numbering:
    """Dense numbers from 0 for the ids of `left` and `right` (both of shape (links, 2))."""
    rows = len(left) + len(right)
    bits = max(0, min(_MAX_PARTITION_BITS, (rows // _PARTITION_ROWS).bit_length()))
    sizes = _partition_sizes(left, right, bits)
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    words, places = _partition(left, right, bits, starts)
    numbers = np.empty(rows, np.int32)
    counts = _number_partitions(words, places, starts, numbers)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    _shift(numbers, places, starts, offsets)
    return Numbering(numbers[: len(left)], numbers[len(left) :], int(offsets[-1]))


def label_components(left: Numbers, right: Numbers, count: int) -> Numbers:
    """For each of `count` numbers, the smallest number of its component."""
    parents = np.arange(count, dtype=np.int32)
    _unite(parents, left, right)
    return parents


def cluster_links(left: Words, right: Words) -> tuple[Numbering, Numbers]:
    """Number the ids and label their components."""
    numbering = number_ids(left, right)
    return numbering, label_components(numbering.left, numbering.right, numbering.count)


@njit(cache=True, parallel=True, nogil=True)
def _partition_sizes(left: Any, right: Any, bits: int) -> Any:
    sizes = np.zeros((2, 1 << bits), np.int64)
    for side in prange(2):
        words = left if side == 0 else right
        for row in range(len(words)):
            sizes[side, _partition_of(words[row, 0], bits)] += 1
    return sizes[0] + sizes[1]


@njit(cache=True, inline="always")
def _partition_of(word: Any, bits: int) -> Any:
    if bits == 0:
        return np.int64(0)
    return np.int64((word * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))


@njit(cache=True, nogil=True)
def _partition(left: Any, right: Any, bits: int, starts: Any) -> Any:
    rows = len(left) + len(right)
    words = np.empty((rows, 2), np.uint64)
    places = np.empty(rows, np.int32)
    ends = starts[:-1].copy()
    for side in range(2):
        source = left if side == 0 else right
        shift = 0 if side == 0 else len(left)
        for row in range(len(source)):
            partition = _partition_of(source[row, 0], bits)
            at = ends[partition]
            ends[partition] = at + 1
            words[at, 0] = source[row, 0]
            words[at, 1] = source[row, 1]
            places[at] = row + shift
    return words, places


@njit(cache=True, parallel=True, nogil=True)
def _number_partitions(words: Any, places: Any, starts: Any, numbers: Any) -> Any:
    counts = np.zeros(len(starts) - 1, np.int64)
    for partition in prange(len(starts) - 1):
        first, last = starts[partition], starts[partition + 1]
        size = np.int64(16)
        while size < 2 * (last - first):
            size *= 2
        slots = np.full(size, -1, np.int32)
        known = np.empty(last - first, np.int32)
        mask = np.uint64(size - 1)
        count = np.int32(0)
        for at in range(first, last):
            high, low = words[at, 0], words[at, 1]
            mixed = (high ^ (low >> np.uint64(7))) * np.uint64(0xC2B2AE3D27D4EB4F)
            slot = (mixed >> np.uint64(20)) & mask
            while True:
                held = slots[slot]
                if held < 0:
                    slots[slot] = at - first
                    known[at - first] = count
                    count += np.int32(1)
                    break
                if words[first + held, 0] == high and words[first + held, 1] == low:
                    known[at - first] = known[held]
                    break
                slot = (slot + np.uint64(1)) & mask
            numbers[places[at]] = known[at - first]
        counts[partition] = count
    return counts


@njit(cache=True, parallel=True, nogil=True)
def _shift(numbers: Any, places: Any, starts: Any, offsets: Any) -> None:
    for partition in prange(len(starts) - 1):
        for at in range(starts[partition], starts[partition + 1]):
            numbers[places[at]] += np.int32(offsets[partition])


@njit(cache=True, inline="always")
def _find(parents: Any, node: Any) -> Any:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@njit(cache=True, nogil=True)
def _unite(parents: Any, left: Any, right: Any) -> None:
    for row in range(len(left)):
        a, b = _find(parents, left[row]), _find(parents, right[row])
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b
    for node in range(len(parents)):
        parents[node] = parents[parents[node]]
