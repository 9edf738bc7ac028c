"""What makes a journey sound, and how its timers and entries count. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from siyu.journeys.types import (
    Definition,
    ExitNode,
    Node,
    SegmentTrigger,
    SendNode,
    SplitNode,
    TagNode,
    WaitNode,
    WelcomeNode,
)
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused, SiyuError

MAX_NODES = 200
MAX_WAIT_SECONDS = 366 * 86_400
MAX_EXPIRES_HOURS = 30 * 24
LATENESS_BOUND = timedelta(hours=24)
_NODE_ID = re.compile(r"^[A-Za-z0-9_\-]{1,32}$")
_NODE_PATH = re.compile(r"nodes\[(\d+)\]")
_MAX_KEY = 180


@dataclass(frozen=True)
class Surroundings:
    """What a definition is checked against. check_*: raise SiyuError when the part is wrong."""

    channels: Collection[str]
    check_segment: Callable[[int], None]
    check_template: Callable[[str], None]
    check_condition: Callable[[dict[str, Any]], None]


def read_definition(raw: Any) -> Definition:
    """The definition of JSON; Refused with the node named when its shape is wrong."""
    try:
        return msgspec.convert(raw, Definition)
    except msgspec.ValidationError as error:
        raise Refused(
            "journey.shape", f"旅程定义有误: {error}", field=_blame(raw, str(error))
        ) from error


def check_definition(definition: Definition, around: Surroundings) -> None:
    """Refused, with the node in `field`, unless people can walk it safely."""
    if definition.version != 1:
        raise Refused("journey.version", "只支持 version 1 的定义", field="version")
    _check_ids(definition)
    for node in definition.nodes:
        _check_links(node, definition)
        _check_node(node, around)
    if isinstance(definition.trigger, SegmentTrigger):
        try:
            around.check_segment(definition.trigger.segment_id)
        except SiyuError as error:
            raise Refused(
                "journey.segment", "触发条件引用了不存在的分群", field="trigger"
            ) from error
    elif not definition.trigger.name:
        raise Refused("journey.trigger", "请选择触发事件", field="trigger")
    _check_reachable(definition)
    loop = find_loop(definition, is_timed=False)
    if loop is not None:
        raise _wrong(loop, "journey.loop", "环路里没有等待, 会无限循环")


def links(node: Node) -> list[str | None]:
    """Where a node may lead; None = the end."""
    if isinstance(node, SplitNode):
        return [node.yes, node.no]
    return [] if isinstance(node, ExitNode) else [node.next]


def find_loop(definition: Definition, *, is_timed: bool) -> str | None:
    """A node on a loop, or None. Without `is_timed`, loops through a wait do not count."""
    nodes = definition.by_id
    done: set[str] = set()
    for start in nodes:
        trail: list[tuple[str, Iterator[str]]] = []
        on_trail: set[str] = set()
        if start in done:
            continue
        trail.append((start, _steps(nodes[start], is_timed=is_timed)))
        on_trail.add(start)
        while trail:
            current, following = trail[-1]
            step = next(following, None)
            if step is None:
                trail.pop()
                on_trail.discard(current)
                done.add(current)
            elif step in on_trail:
                return step
            elif step not in done:
                trail.append((step, _steps(nodes[step], is_timed=is_timed)))
                on_trail.add(step)
    return None


def wait_until(node: WaitNode, now: datetime) -> datetime:
    """When a wait that begins now ends."""
    if node.until_hour is None:
        return now + timedelta(seconds=node.seconds or 0)
    local = now.astimezone(SHANGHAI)
    target = local.replace(hour=node.until_hour, minute=0, second=0, microsecond=0)
    target += timedelta(days=node.days)
    if target <= local:
        target += timedelta(days=1)
    return target.astimezone(now.tzinfo)


def is_too_late(at: datetime, now: datetime, *, is_late: bool) -> bool:
    """Whether a fact is too old to let anybody in."""
    return is_late or now - at > LATENESS_BOUND


def entry_key(re_entry: str, customer_id: int, *, past: int, key: str) -> str:
    """The key that makes two entries the same one.

    never: one per person; after_exit: one per person and run; every_key: one per key.
    """
    if re_entry == "never":
        return f"once:{customer_id}"
    if re_entry == "after_exit":
        return f"run:{customer_id}:{past}"
    if len(key) > _MAX_KEY:
        key = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"key:{key}"


def _steps(node: Node, *, is_timed: bool) -> Iterator[str]:
    if isinstance(node, WaitNode) and not is_timed:
        return iter(())
    return iter([link for link in links(node) if link is not None])


def _check_ids(definition: Definition) -> None:
    if not definition.nodes:
        raise Refused("journey.empty", "旅程至少要有一个节点", field="nodes")
    if len(definition.nodes) > MAX_NODES:
        raise Refused("journey.size", f"旅程最多 {MAX_NODES} 个节点", field="nodes")
    seen: set[str] = set()
    for node in definition.nodes:
        if not _NODE_ID.match(node.id):
            raise _wrong(node.id, "journey.node_id", "节点名只能含字母、数字、_ 和 -")
        if node.id in seen:
            raise _wrong(node.id, "journey.node_twice", "节点名重复")
        seen.add(node.id)
    if definition.start not in seen:
        raise Refused("journey.start", f"起点 {definition.start} 不存在", field="start")


def _check_links(node: Node, definition: Definition) -> None:
    known = definition.by_id
    for link in links(node):
        if link is not None and link not in known:
            raise _wrong(node.id, "journey.link", f"指向不存在的节点 {link}")
    if isinstance(node, SplitNode) and (node.yes is None or node.no is None):
        raise _wrong(node.id, "journey.branch", "分支节点的「是」和「否」都要连到下一个节点")


def _check_node(node: Node, around: Surroundings) -> None:
    try:
        if isinstance(node, WelcomeNode | SendNode):
            around.check_template(node.template)
        if isinstance(node, SplitNode):
            around.check_condition(node.condition)
    except SiyuError as error:
        raise _wrong(node.id, error.code, error.reason) from error
    if isinstance(node, SendNode):
        _check_send(node, around)
    if isinstance(node, WaitNode):
        _check_wait(node)
    if isinstance(node, TagNode) and (not node.group or bool(node.name) == bool(node.source)):
        raise _wrong(node.id, "journey.tag", "标签节点要有标签组, 以及标签名或来源二选一")


def _check_send(node: SendNode, around: Surroundings) -> None:
    if node.channel != "best" and node.channel not in around.channels:
        raise _wrong(node.id, "journey.channel", f"未知渠道 {node.channel}")
    if not 1 <= node.expires_hours <= MAX_EXPIRES_HOURS:
        raise _wrong(node.id, "journey.expires", f"有效期须在 1 到 {MAX_EXPIRES_HOURS} 小时之间")


def _check_wait(node: WaitNode) -> None:
    if (node.seconds is None) == (node.until_hour is None):
        raise _wrong(node.id, "journey.wait", "等待节点要么填时长, 要么填几点")
    if node.seconds is not None and not 1 <= node.seconds <= MAX_WAIT_SECONDS:
        raise _wrong(node.id, "journey.wait", "等待时长须在 1 秒到 366 天之间")
    if node.until_hour is not None and not 0 <= node.until_hour <= 23:
        raise _wrong(node.id, "journey.wait", "钟点须在 0 到 23 之间")
    if not 0 <= node.days <= 366:
        raise _wrong(node.id, "journey.wait", "天数须在 0 到 366 之间")


def _check_reachable(definition: Definition) -> None:
    nodes = definition.by_id
    seen, todo = {definition.start}, [definition.start]
    while todo:
        for link in links(nodes[todo.pop()]):
            if link is not None and link not in seen:
                seen.add(link)
                todo.append(link)
    for node in definition.nodes:
        if node.id not in seen:
            raise _wrong(node.id, "journey.unreachable", "没有任何路径能到达这个节点")


def _wrong(node_id: str, code: str, reason: str) -> Refused:
    return Refused(code, f"节点 {node_id}: {reason}", field=f"nodes.{node_id}")


def _blame(raw: Any, message: str) -> str:
    """The node a shape error is about."""
    found = _NODE_PATH.search(message)
    if found is None or not isinstance(raw, dict):
        return "definition"
    nodes = raw.get("nodes")
    index = int(found.group(1))
    if isinstance(nodes, list) and index < len(nodes) and isinstance(nodes[index], dict):
        return f"nodes.{nodes[index].get('id', index)}"
    return f"nodes.{index}"
