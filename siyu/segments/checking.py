"""What a node must fulfil to be compiled; every refusal names the place (`root.children.0`)."""

from __future__ import annotations

import re
from collections.abc import Sequence as Many
from datetime import date

import re2

from siyu.kernel.errors import Refused
from siyu.segments.fields import (
    CMPS,
    EVENT_MEASURES,
    OF_PROPERTY,
    ORDER_MEASURES,
    ORDER_PROPERTIES,
    TOUCH_MEASURES,
    Kind,
    find_field,
)
from siyu.segments.types import (
    MAX_DAYS,
    MAX_DEPTH,
    MAX_LIST,
    MAX_NUMBER,
    MAX_STEPS,
    MAX_TEXT,
    And,
    Consent,
    Event,
    IdentityNode,
    InGroup,
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

_PROPERTY = re.compile(r"[\w$][\w$ .\-]{0,63}")
_WORD = re.compile(r"[\w.:\-]{1,64}")
_ANY_WORD = re.compile(r"[\w.:\-]{0,128}")
PATTERN_MEMORY = 1 << 20
"""Bytes a compiled pattern may take."""


def check_node(node: Node, path: str) -> None:
    """Refused unless the node, its children aside, can be compiled."""
    match node:
        case And() | Or() | Not():
            _check_group(node, path)
        case Trait():
            _check_trait(node, path)
        case Order():
            _check_order(node, path)
        case Event():
            _check_event(node, path)
        case Touch():
            _check_touch(node, path)
        case Sequence():
            _check_sequence(node, path)
        case Rfm():
            _check_rfm(node, path)
        case _:
            _check_state(node, path)
    if isinstance(node, Windowed):
        _check_window(node, path)


def check_value(kind: Kind, cmp: str, value: Value, path: str, *, extra: Many[str] = ()) -> None:
    """Refused unless the comparison exists for this kind (or is `extra`) and the value fits it."""
    if cmp not in CMPS[kind] and cmp not in extra:
        raise Refused("segment.cmp", f"这里不能用比较 {cmp}", field=f"{path}.cmp")
    if cmp == "exists":
        fits = isinstance(value, bool | None)
    elif cmp in {"in", "not_in"}:
        is_list = isinstance(value, list) and 0 < len(value) <= MAX_LIST
        fits = is_list and _all_fit(kind, value)
    elif cmp == "between":
        fits = isinstance(value, list) and len(value) == 2 and _all_fit(kind, value)
    else:
        fits = not isinstance(value, list) and _fits(kind, value)
    if not fits:
        raise Refused("segment.value", f"值与比较 {cmp} 不符", field=f"{path}.value")
    if cmp == "matches":
        _check_pattern(str(value), path)


def _check_pattern(pattern: str, path: str) -> None:
    """RE2 only: linear in the text, so no pattern can take a process down."""
    options = re2.Options()
    options.max_mem = PATTERN_MEMORY
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = "正则表达式无效 (RE2 语法, 不支持回溯引用和环视)"
        raise Refused("segment.pattern", reason, field=f"{path}.value") from error


def _all_fit(kind: Kind, value: Value) -> bool:
    return isinstance(value, list) and all(_fits(kind, item) for item in value)


def _fits(kind: Kind, value: Value) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool) or value is None:
        return False
    if kind in {"text", "choice", "choices"}:
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


def _check_group(node: And | Or | Not, path: str) -> None:
    if not node.children:
        raise Refused("segment.empty", "组合里至少要有一个条件", field=path)
    if isinstance(node, Not) and len(node.children) != 1:
        raise Refused("segment.not", "“不满足”里须恰好一个条件", field=path)


def _check_state(
    node: Tag | Platform | IdentityNode | Reachable | Consent | SegmentRef | ListRef | InGroup,
    path: str,
) -> None:
    match node:
        case Tag():
            _check_tag(node, path)
        case SegmentRef() | ListRef() | InGroup():
            _check_reference(node, path)
        case Consent():
            if node.channel != "*":
                _check_word(node.channel, path)
        case Platform():
            _check_word(node.platform, path)
        case IdentityNode():
            _check_word(node.namespace, path)
        case Reachable():
            _check_word(node.channel, path)


def _check_tag(node: Tag, path: str) -> None:
    if (node.tag_id is None) == (not node.group):
        raise Refused("segment.tag", "须指定一个标签, 或一个标签组", field=path)
    if node.tag_id is not None:
        _check_number(node.tag_id, path)
    _check_text(node.group, f"{path}.group")
    _check_any_word(node.origin, f"{path}.origin")


def _check_reference(node: SegmentRef | ListRef | InGroup, path: str) -> None:
    if isinstance(node, InGroup):
        _check_number(node.group_id or 1, path)
    else:
        _check_number(node.segment_id if isinstance(node, SegmentRef) else node.list_id, path)


def _check_number(number: int, path: str) -> None:
    if not 0 < number < MAX_NUMBER:
        raise Refused("segment.id", "编号无效", field=path)


def _check_word(word: str, path: str) -> None:
    if not _WORD.fullmatch(word):
        raise Refused("segment.word", f"无效的名称 {word[:32]!r}", field=path)


def _check_any_word(word: str, path: str) -> None:
    if not _ANY_WORD.fullmatch(word):
        raise Refused("segment.word", f"无效的名称 {word[:32]!r}", field=path)


def _check_text(text: str, path: str) -> None:
    if len(text) > MAX_TEXT or "\x00" in text:
        raise Refused("segment.value", "文本过长或含有非法字符", field=path)


def _check_trait(node: Trait, path: str) -> None:
    field = find_field(node.field)
    if field is None:
        raise Refused("segment.field", f"没有字段 {node.field[:32]!r}", field=f"{path}.field")
    check_value(field.kind, node.cmp, node.value, path, extra=field.cmps)


def _check_order(node: Order, path: str) -> None:
    check_value(ORDER_MEASURES[node.measure][2], node.cmp, node.value, path)
    _check_many(node.where, path)
    for index, where in enumerate(node.where):
        place = f"{path}.where.{index}"
        known = ORDER_PROPERTIES.get(where.property)
        if known is None:
            reason = f"订单没有属性 {where.property[:32]!r}"
            raise Refused("segment.property", reason, field=f"{place}.property")
        check_value(known[2], where.cmp, where.value, place)


def _check_event(node: Event, path: str) -> None:
    check_value(EVENT_MEASURES[node.measure][2], node.cmp, node.value, path)
    _check_happening(node.name, node.where, path)
    if node.measure in OF_PROPERTY:
        if not _PROPERTY.fullmatch(node.property):
            raise Refused("segment.property", "请指定要计算的属性", field=f"{path}.property")
    elif node.property:
        raise Refused("segment.property", "这种计算不用属性", field=f"{path}.property")


def _check_happening(name: str, wheres: list[Where], path: str) -> None:
    if not 0 < len(name) <= MAX_TEXT or "\x00" in name:
        raise Refused("segment.event", "行为名称为空或过长", field=f"{path}.name")
    _check_many(wheres, path)
    for index, where in enumerate(wheres):
        _check_where(where, f"{path}.where.{index}")


def _check_many(wheres: list[Where], path: str) -> None:
    if len(wheres) > MAX_DEPTH:
        raise Refused("segment.size", "属性条件过多", field=f"{path}.where")


def _check_where(where: Where, path: str) -> None:
    if not _PROPERTY.fullmatch(where.property):
        raise Refused("segment.property", "属性名无效", field=f"{path}.property")
    if where.cmp == "exists" or isinstance(where.value, bool):
        allowed = ("exists",) if where.cmp == "exists" else ("eq", "ne")
        if where.cmp not in allowed or not isinstance(where.value, bool | None):
            raise Refused("segment.value", "是/否 只能比较相等", field=f"{path}.value")
        return
    first = where.value[0] if isinstance(where.value, list) and where.value else where.value
    check_value("text" if isinstance(first, str) else "number", where.cmp, where.value, path)


def _check_touch(node: Touch, path: str) -> None:
    check_value(TOUCH_MEASURES[node.measure][2], node.cmp, node.value, path)
    if len(node.states) > MAX_DEPTH:
        raise Refused("segment.size", "状态过多", field=f"{path}.states")
    for word in (node.campaign, node.channel, node.purpose, *node.states):
        _check_any_word(word, path)


def _check_sequence(node: Sequence, path: str) -> None:
    if not 2 <= len(node.steps) <= MAX_STEPS:
        raise Refused("segment.steps", f"序列须有 2 到 {MAX_STEPS} 步", field=f"{path}.steps")
    last = len(node.steps) - 1
    for index, step in enumerate(node.steps):
        place = f"{path}.steps.{index}"
        _check_happening(step.name, step.where, place)
        _check_place(step, place, is_first=index == 0, is_last=index == last)


def _check_place(step: Step, path: str, *, is_first: bool, is_last: bool) -> None:
    if is_first and (step.absent or step.within):
        raise Refused("segment.steps", "第一步不能是“没有发生”, 也没有时限", field=path)
    if step.absent and not (is_last and step.within):
        raise Refused("segment.steps", "“没有发生”只能是最后一步, 且须有时限", field=path)
    if step.within:
        _check_span(step.within, f"{path}.within")


def _check_span(span: Span, path: str) -> None:
    units = {"days": 1, "hours": 24, "minutes": 1440}
    given = [(key, value) for key in units if (value := getattr(span, key)) is not None]
    if len(given) != 1:
        raise Refused("segment.span", "时限须恰好有一个单位", field=path)
    key, value = given[0]
    if not 1 <= value <= MAX_DAYS * units[key]:
        raise Refused("segment.span", f"时限须在 1 到 {MAX_DAYS} 天之间", field=path)


def _check_window(node: Windowed, path: str) -> None:
    if node.within_days is not None and node.between is not None:
        raise Refused("segment.window", "时间范围只能给一种", field=path)
    if node.within_days is not None and not 1 <= node.within_days <= MAX_DAYS:
        raise Refused("segment.days", f"天数须在 1 到 {MAX_DAYS} 之间", field=f"{path}.within_days")
    if node.between is not None and (
        len(node.between) != 2 or not all(map(_is_date, node.between))
    ):
        raise Refused("segment.window", "须为起止两个日期", field=f"{path}.between")


def _check_rfm(node: Rfm, path: str) -> None:
    scores = [*node.r, *node.f, *node.m]
    if not scores or len(scores) > 15 or any(not 1 <= score <= 5 for score in scores):
        raise Refused("segment.rfm", "RFM 分值须为 1 到 5, 至少选一个", field=path)
