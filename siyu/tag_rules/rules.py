"""Pure decisions about tag rules: what a definition reads, and whether rules run in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

CUSTOM = "custom."
Load = Callable[[int], Any]
Edge = tuple[frozenset[int], int]
"""The tags a rule's segment reads, and the tag it writes."""


def leaves(definition: Any) -> Iterator[Mapping[str, Any]]:
    """Every node of a definition, as plain values."""
    waiting = [msgspec.to_builtins(definition)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "op" in node:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def tags_read(segment_id: int, load: Load) -> frozenset[int]:
    """The tags that decide who is in a segment, also through the segments it refers to."""
    found: set[int] = set()
    seen: set[int] = set()
    waiting = [segment_id]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for node in leaves(load(current)):
            if node["op"] == "tag":
                found.add(node["tag_id"])
            elif node["op"] == "segment":
                waiting.append(node["segment_id"])
    return frozenset(found)


def is_circular(rule: Edge, others: Iterable[Edge]) -> bool:
    """Whether a rule's tag comes to decide, through rules, who is in its own segment."""
    reads, writes = rule
    edges = list(others)
    reached, waiting = {writes}, [writes]
    while waiting:
        tag = waiting.pop()
        if tag in reads:
            return True
        for sources, target in edges:
            if tag in sources and target not in reached:
                reached.add(target)
                waiting.append(target)
    return False
