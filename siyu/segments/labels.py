"""How a definition reads: short Chinese labels of its conditions."""

from __future__ import annotations

from siyu.segments.fields import (
    EVENT_MEASURES,
    EVENTS,
    ORDER_MEASURES,
    ORDER_PROPERTIES,
    SIGNS,
    TOUCH_MEASURES,
    find_field,
)
from siyu.segments.types import (
    And,
    Consent,
    Event,
    IdentityNode,
    InGroup,
    Leaf,
    ListRef,
    Node,
    Not,
    Or,
    Order,
    Platform,
    Reachable,
    Rfm,
    SegmentRef,
    Sequence,
    Span,
    Step,
    Tag,
    Touch,
    Trait,
    Value,
    Where,
    Windowed,
)

_STATES = {"granted": "已同意", "withdrawn": "已拒绝", "unknown": "未表态"}
_PURPOSES = {"marketing": "营销", "service": "服务"}
_UNITS = (("days", "天"), ("hours", "小时"), ("minutes", "分钟"))


def describe(node: Node) -> str:
    """A node as a short Chinese label."""
    if isinstance(node, And | Or | Not):
        return {And: "满足全部", Or: "满足任一", Not: "不满足"}[type(node)]
    return _of_measure(node) or _of_state(node)


def _of_measure(node: Leaf) -> str:
    match node:
        case Trait():
            found = find_field(node.field)
            return f"{found.zh if found else node.field} {_compared(node)}"
        case Order():
            demands = _demands(node.where)
            measure = ORDER_MEASURES[node.measure][0]
            return f"{_window(node)}订单{demands}{measure} {_compared(node)}"
        case Event():
            what = f" {node.property}" if node.property else ""
            measure = EVENT_MEASURES[node.measure][0]
            name = f"{_event(node.name)}{_demands(node.where)}"
            return f"{_window(node)}{name}{measure}{what} {_compared(node)}"
        case Touch():
            which = " ".join(filter(None, (node.campaign, node.channel, *node.states)))
            measure = TOUCH_MEASURES[node.measure][0]
            return f"{_window(node)}{which}{measure} {_compared(node)}"
        case _:
            return ""


def _of_state(node: Leaf) -> str:
    match node:
        case Tag():
            which = f"标签 #{node.tag_id}" if node.tag_id else f"标签组“{node.group}”"
            label = f"{_window(node)}{_has(has=node.has)}{which}"
        case Platform():
            label = f"{_has(has=node.has)}平台 {node.platform}"
        case IdentityNode():
            label = f"{_has(has=node.has)}身份 {node.namespace}"
        case Reachable():
            way = "可触达" if node.channel == "any" else f"可经 {node.channel} 触达"
            label = way if node.has else f"不{way}"
        case Consent():
            where = "" if node.channel == "*" else f" {node.channel} "
            label = f"{where}{_PURPOSES[node.purpose]}{_STATES[node.state]}"
        case _:
            label = _of_whole(node)
    return label


def _of_whole(node: Leaf) -> str:
    match node:
        case Sequence():
            return _window(node) + "→".join(_step(step) for step in node.steps)
        case Rfm():
            parts = (("R", node.r), ("F", node.f), ("M", node.m))
            return "RFM " + " ".join(f"{key}∈{scores}" for key, scores in parts if scores)
        case SegmentRef():
            return f"{'' if node.has else '不'}属于人群 #{node.segment_id}"
        case ListRef():
            return f"{'' if node.has else '不'}在名单 #{node.list_id} 中"
        case InGroup():
            which = f"社群 #{node.group_id} " if node.group_id else "任一社群"
            return f"{'' if node.has else '不'}在{which}里"
        case _:
            raise AssertionError(node)


def _step(step: Step) -> str:
    span = f" ({_span(step.within)}内)" if step.within else ""
    return f"{'没有' if step.absent else ''}{_event(step.name)}{_demands(step.where)}{span}"


def _span(span: Span) -> str:
    return next(f"{getattr(span, key)} {word}" for key, word in _UNITS if getattr(span, key))


def _event(name: str) -> str:
    return EVENTS.get(name, (name, ""))[0]


def _demands(wheres: list[Where]) -> str:
    if not wheres:
        return ""
    shown = (f"{ORDER_PROPERTIES.get(w.property, (w.property,))[0]} {_compared(w)}" for w in wheres)
    return f" [{', '.join(shown)}] "


def _compared(node: Trait | Order | Event | Touch | Where) -> str:
    return f"{SIGNS[node.cmp]} {_shown(node.value)}"


def _window(node: Windowed) -> str:
    if node.between:
        return f"{node.between[0]} 至 {node.between[1]} "
    return f"近 {node.within_days} 天" if node.within_days else ""


def _has(*, has: bool) -> str:
    return "有" if has else "没有"


def _shown(value: Value) -> str:
    if value is None or value is True:
        return "是"
    return "否" if value is False else str(value)
