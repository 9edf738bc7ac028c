"""Pure decisions about definitions: reading them, what refers to what, what time changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.segments.checking import check_node
from siyu.segments.fields import TRAITS
from siyu.segments.types import (
    MAX_DEPTH,
    MAX_NODES,
    And,
    Definition,
    Node,
    Not,
    Or,
    Rfm,
    SegmentRef,
    Sequence,
    Touch,
    Trait,
    Windowed,
)

ROOT = "root"
_AT = re.compile(r"^(?P<reason>.*?) - at `\$\.?(?P<path>.*)`$")


def decode(raw: Mapping[str, Any] | Definition) -> Definition:
    """A checked definition; Refused with the path of the node at fault (`root.children.0`)."""
    if isinstance(raw, Definition):
        return raw
    _check_size(raw)
    try:
        definition = msgspec.convert(raw, Definition)
    except msgspec.ValidationError as error:
        raise _refused_by_type(error) from error
    for path, node in walk(definition.root):
        check_node(node, path)
    return definition


def encode(definition: Definition) -> dict[str, Any]:
    """The JSON form, with every default written out."""
    plain: dict[str, Any] = msgspec.to_builtins(definition)
    return plain


def walk(node: Node, path: str = ROOT) -> Iterator[tuple[str, Node]]:
    """Every node with its path, parents first."""
    yield path, node
    if isinstance(node, And | Or | Not):
        for index, child in enumerate(node.children):
            yield from walk(child, f"{path}.children.{index}")


def references(definition: Definition) -> set[int]:
    """The segments a definition names directly."""
    return {node.segment_id for _, node in walk(definition.root) if isinstance(node, SegmentRef)}


def check_cycle(
    segment_id: int | None, definition: Definition, load: Callable[[int], Definition]
) -> None:
    """Refused when following references leads back to `segment_id` or runs in a circle.

    load: raises Refused for a segment that does not exist or is archived.
    """
    open_ids: list[int] = [] if segment_id is None else [segment_id]
    done: set[int] = set()

    def visit(current: Definition) -> None:
        for reference in sorted(references(current)):
            if reference in open_ids:
                raise Refused("segment.cycle", f"人群 {reference} 循环引用", field=ROOT)
            if reference in done:
                continue
            if len(open_ids) > MAX_DEPTH:
                raise Refused("segment.depth", "人群引用层数过多", field=ROOT)
            open_ids.append(reference)
            visit(load(reference))
            open_ids.pop()
            done.add(reference)

    visit(definition)


def is_time_relative(definition: Definition) -> bool:
    """Whether membership can change by the passing of days alone, references aside."""
    return any(passes(node) for _, node in walk(definition.root))


def is_population_relative(definition: Definition) -> bool:
    """Whether one customer's membership depends on the others (RFM), references aside."""
    return any(isinstance(node, Rfm) for _, node in walk(definition.root))


def asks_for_touches(definition: Definition) -> bool:
    """Whether membership depends on the ledger of touches, references aside."""
    return any(isinstance(node, Touch) for _, node in walk(definition.root))


def passes(node: Node) -> bool:
    """Whether the passing of time alone can change who fulfils a node, its children aside."""
    if isinstance(node, Sequence):
        return node.within_days is not None or node.steps[-1].absent
    if isinstance(node, Windowed):
        return node.within_days is not None or getattr(node, "measure", "").startswith("days_")
    return isinstance(node, Trait) and node.field in TRAITS and TRAITS[node.field].kind == "days"


def _check_size(raw: Any) -> None:
    """Count nodes and depth without recursion, before anything else looks at the tree."""
    if not isinstance(raw, Mapping):
        raise Refused("segment.shape", "人群定义须为对象", field=ROOT)
    level = [raw.get(ROOT)]
    total = depth = 0
    while level:
        depth += 1
        total += len(level)
        if depth > MAX_DEPTH:
            raise Refused("segment.depth", f"条件嵌套超过 {MAX_DEPTH} 层", field=ROOT)
        if total > MAX_NODES:
            raise Refused("segment.size", f"条件超过 {MAX_NODES} 个", field=ROOT)
        level = [
            child
            for node in level
            if isinstance(node, Mapping) and isinstance(node.get("children"), list)
            for child in node["children"]
        ]


def _refused_by_type(error: msgspec.ValidationError) -> Refused:
    found = _AT.match(str(error))
    path = re.sub(r"\[(\d+)\]", r".\1", found["path"]) if found else ROOT
    path = path.replace("[...]", "")
    reason = found["reason"] if found else str(error)
    return Refused("segment.shape", f"条件格式不对: {reason}", field=path or ROOT)
