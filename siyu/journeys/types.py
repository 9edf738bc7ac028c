"""A journey's definition as data, and what the console reads of journeys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec


class EventTrigger(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """A fact lets people in. key: the property that makes an entry one of its own (`every_key`).

    where: properties the fact must have.
    """

    name: str
    key: str = ""
    where: dict[str, Any] = {}


class SegmentTrigger(msgspec.Struct, frozen=True, tag_field="kind", tag="segment"):
    """Becoming a member lets people in; being one already does not."""

    segment_id: int


class EventGoal(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    name: str


class WelcomeNode(msgspec.Struct, frozen=True, tag_field="kind", tag="welcome"):
    """Greets in the short window after a friend was added."""

    id: str
    template: str
    next: str | None = None


class SendNode(msgspec.Struct, frozen=True, tag_field="kind", tag="send"):
    """Plans a message and goes on. expires_hours: how long it may wait for its turn."""

    id: str
    template: str
    channel: str = "best"
    purpose: Literal["marketing", "service"] = "marketing"
    expires_hours: int = 72
    next: str | None = None


class TagNode(msgspec.Struct, frozen=True, tag_field="kind", tag="tag", rename={"source": "from"}):
    """Adds a tag: `name`, or the person's first source when `from` is "source"."""

    id: str
    group: str
    name: str = ""
    source: Literal["", "source"] = ""
    next: str | None = None


class WaitNode(msgspec.Struct, frozen=True, tag_field="kind", tag="wait"):
    """Waits `seconds`, or until the next `until_hour` o'clock in Shanghai after `days` days."""

    id: str
    seconds: int | None = None
    until_hour: int | None = None
    days: int = 0
    next: str | None = None


class SplitNode(msgspec.Struct, frozen=True, tag_field="kind", tag="split"):
    """Asks the segments whether the person fits the condition now."""

    id: str
    condition: dict[str, Any]
    yes: str | None = None
    no: str | None = None


class ExitNode(msgspec.Struct, frozen=True, tag_field="kind", tag="exit"):
    id: str
    reason: str = "completed"


Node = WelcomeNode | SendNode | TagNode | WaitNode | SplitNode | ExitNode


class Definition(msgspec.Struct, frozen=True):
    """A whole journey. exits: facts that end it besides the goal."""

    version: int
    trigger: EventTrigger | SegmentTrigger
    nodes: tuple[Node, ...]
    start: str
    goal: EventGoal | None = None
    exits: tuple[EventGoal, ...] = ()
    re_entry: Literal["never", "after_exit", "every_key"] = "never"

    @property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}


@dataclass(frozen=True)
class JourneyRow:
    """A line of the list: people who entered, are inside, reached the goal."""

    id: int
    name: str
    state: str
    version: int
    entered: int
    active: int
    goals: int
    updated_at: datetime


@dataclass(frozen=True)
class NodeCount:
    id: str
    entered: int
    waiting: int
    left: int


@dataclass(frozen=True)
class JourneyView:
    """One journey with its picture and its numbers. definition: draft or published one."""

    row: JourneyRow
    definition: dict[str, Any]
    nodes: list[NodeCount]
    exits: dict[str, int]


@dataclass(frozen=True)
class PathStep:
    node: str
    at: datetime
    outcome: str


@dataclass(frozen=True)
class EntryRow:
    id: int
    customer_id: int
    customer_name: str
    state: str
    node: str
    entered_at: datetime
    due_at: datetime | None
    exit_reason: str
    path: list[PathStep]
