"""Pure decisions about definitions: what is allowed, what depends on what, how it reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.segments.fields import CMPS, EVENTS, MEASURES, SIGNS, TRAITS, Kind
from siyu.segments.types import (
    MAX_DAYS,
    MAX_DEPTH,
    MAX_LIST,
    MAX_NODES,
    MAX_NUMBER,
    MAX_TEXT,
    And,
    Definition,
    Event,
    IdentityNode,
    Leaf,
    Node,
    Not,
    Or,
    Order,
    Platform,
    Reachable,
    Rfm,
    SegmentRef,
    Tag,
    Trait,
    Value,
    Where,
)

ROOT = "root"
_PROPERTY = re.compile(r"[\w$][\w$ .\-]{0,63}")
_WORD = re.compile(r"[\w.:\-]{1,64}")
_WHERE_CMPS = ("eq", "ne", "in", "gt", "gte", "lt", "lte", "contains", "exists")
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
        _check_node(node, path)
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
    return any(_passes(node) for _, node in walk(definition.root))


def is_population_relative(definition: Definition) -> bool:
    """Whether one customer's membership depends on the others (RFM), references aside."""
    return any(isinstance(node, Rfm) for _, node in walk(definition.root))


def describe(node: Node) -> str:
    """A node as a short Chinese label."""
    if isinstance(node, And | Or | Not):
        return {And: "满足全部", Or: "满足任一", Not: "不满足"}[type(node)]
    return _describe_leaf(node)


def _describe_leaf(node: Leaf) -> str:
    match node:
        case Trait():
            label = f"{TRAITS[node.field].zh} {SIGNS[node.cmp]} {_shown(node.value)}"
        case Order():
            label = f"{_window(node.within_days)}订单{_measured(node)}"
        case Event():
            name = EVENTS.get(node.name, (node.name, ""))[0]
            label = f"{_window(node.within_days)}{name}{_measured(node)}"
        case Rfm():
            parts = (("R", node.r), ("F", node.f), ("M", node.m))
            label = "RFM " + " ".join(f"{key}∈{scores}" for key, scores in parts if scores)
        case _:
            label = _describe_state(node)
    return label


def _describe_state(node: Tag | Platform | IdentityNode | Reachable | SegmentRef) -> str:
    match node:
        case Tag():
            label = f"{_has(has=node.has)}标签 #{node.tag_id}"
        case Platform():
            label = f"{_has(has=node.has)}平台 {node.platform}"
        case IdentityNode():
            label = f"{_has(has=node.has)}身份 {node.namespace}"
        case Reachable():
            label = "可触达" if node.channel == "any" else f"可经 {node.channel} 触达"
        case SegmentRef():
            label = f"属于人群 #{node.segment_id}"
    return label


def _measured(node: Order | Event) -> str:
    return f"{MEASURES[node.measure][0]} {SIGNS[node.cmp]} {_shown(node.value)}"


def _window(days: int | None) -> str:
    return f"近 {days} 天" if days else ""


def _has(*, has: bool) -> str:
    return "有" if has else "没有"


def _shown(value: Value) -> str:
    if value is None or value is True:
        return "是"
    return "否" if value is False else str(value)


def _passes(node: Node) -> bool:
    if isinstance(node, Order | Event):
        return node.within_days is not None or MEASURES[node.measure][2] == "days"
    return isinstance(node, Trait) and TRAITS[node.field].kind == "days"


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


def _check_node(node: Node, path: str) -> None:
    match node:
        case And() | Or() | Not():
            _check_group(node, path)
        case Trait():
            _check_trait(node, path)
        case Order():
            _check_measure(node, path)
        case Event():
            _check_measure(node, path)
            _check_event(node, path)
        case Rfm():
            _check_rfm(node, path)
        case _:
            _check_state(node, path)


def _check_group(node: And | Or | Not, path: str) -> None:
    if not node.children:
        raise Refused("segment.empty", "组合里至少要有一个条件", field=path)
    if isinstance(node, Not) and len(node.children) != 1:
        raise Refused("segment.not", "“不满足”里须恰好一个条件", field=path)


def _check_state(node: Tag | Platform | IdentityNode | Reachable | SegmentRef, path: str) -> None:
    if isinstance(node, Tag | SegmentRef):
        number = node.tag_id if isinstance(node, Tag) else node.segment_id
        if not 0 < number < MAX_NUMBER:
            raise Refused("segment.id", "编号无效", field=path)
    elif not _WORD.fullmatch(word := _word_of(node)):
        raise Refused("segment.word", f"无效的名称 {word[:32]!r}", field=path)


def _word_of(node: Platform | IdentityNode | Reachable) -> str:
    if isinstance(node, Platform):
        return node.platform
    return node.namespace if isinstance(node, IdentityNode) else node.channel


def _check_trait(node: Trait, path: str) -> None:
    field = TRAITS.get(node.field)
    if field is None:
        raise Refused("segment.field", f"没有字段 {node.field[:32]!r}", field=f"{path}.field")
    check_value(field.kind, node.cmp, node.value, path)


def _check_measure(node: Order | Event, path: str) -> None:
    check_value(MEASURES[node.measure][2], node.cmp, node.value, path)
    if node.within_days is not None and not 1 <= node.within_days <= MAX_DAYS:
        raise Refused("segment.days", f"天数须在 1 到 {MAX_DAYS} 之间", field=f"{path}.within_days")


def _check_event(node: Event, path: str) -> None:
    if not 0 < len(node.name) <= MAX_TEXT:
        raise Refused("segment.event", "行为名称为空或过长", field=f"{path}.name")
    if len(node.where) > MAX_DEPTH:
        raise Refused("segment.size", "属性条件过多", field=f"{path}.where")
    for index, where in enumerate(node.where):
        _check_where(where, f"{path}.where.{index}")


def _check_where(where: Where, path: str) -> None:
    if not _PROPERTY.fullmatch(where.property):
        raise Refused("segment.property", "属性名无效", field=f"{path}.property")
    if where.cmp == "exists" or isinstance(where.value, bool):
        allowed = ("exists",) if where.cmp == "exists" else ("eq", "ne")
        if where.cmp not in allowed or not isinstance(where.value, bool | None):
            raise Refused("segment.value", "是/否 只能比较相等", field=f"{path}.value")
        return
    is_text = _is_text(where.value)
    kind: Kind = "text" if is_text else "number"
    check_value(kind, where.cmp, where.value, path)


def _is_text(value: Value) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, str)


def _check_rfm(node: Rfm, path: str) -> None:
    scores = [*node.r, *node.f, *node.m]
    if not scores or len(scores) > 15 or any(not 1 <= score <= 5 for score in scores):
        raise Refused("segment.rfm", "RFM 分值须为 1 到 5, 至少选一个", field=path)


def check_value(kind: Kind, cmp: str, value: Value, path: str) -> None:
    """Refused unless the comparison exists for this kind and the value fits it."""
    if cmp not in CMPS[kind]:
        raise Refused("segment.cmp", f"这里不能用比较 {cmp}", field=f"{path}.cmp")
    if cmp == "exists":
        fits = isinstance(value, bool | None)
    elif cmp == "in":
        is_list = isinstance(value, list) and 0 < len(value) <= MAX_LIST
        fits = is_list and all(_fits(kind, item) for item in value or ())  # type: ignore[union-attr]
    else:
        fits = not isinstance(value, list) and _fits(kind, value)
    if not fits:
        raise Refused("segment.value", f"值与比较 {cmp} 不符", field=f"{path}.value")


def _fits(kind: Kind, value: Value) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if kind == "text":
        return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\x00" not in value
    if kind == "date":
        return isinstance(value, str) and _is_date(value)
    if kind == "days":
        return isinstance(value, int) and 0 <= value <= MAX_DAYS
    return isinstance(value, int | float) and abs(value) <= MAX_NUMBER


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and 1970 <= date.fromisoformat(text).year <= 2200
    except ValueError:
        return False
