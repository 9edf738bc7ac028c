"""Definitions become flags over sources: SQL for each source, a tree of flags for each definition.

Only names from the allow-list reach the text, every value is a bound parameter. Many definitions
are compiled together, so that what several of them ask is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from siyu.kernel.errors import Refused
from siyu.lake.tables import TABLES
from siyu.segments.leaves import Flag, Leaves
from siyu.segments.rules import ROOT
from siyu.segments.sources import CUSTOMERS, LINES_SQL, Source
from siyu.segments.types import And, Definition, Node, Not, Or, SegmentRef

Load = Callable[[int], Definition]
Key = TypeVar("Key")
MAX_EXPANDED = 5_000
_WORD = re.compile(r"[a-z_]+")
MAX_EXPANDED_DEPTH = 100


@dataclass
class Tree:
    """A node of a definition. flag: place of a condition's flag; None for groups and references."""

    path: str
    node: Node
    flag: int | None = None
    children: list[Tree] = field(default_factory=list)

    def shown(self) -> list[Tree]:
        """This node and those below it, parents first, without what references lead to."""
        below = [] if isinstance(self.node, SegmentRef) else self.children
        return [self, *(found for child in below for found in child.shown())]

    def flags(self) -> set[int]:
        """The places of all flags below."""
        own = set() if self.flag is None else {self.flag}
        return own.union(*(child.flags() for child in self.children))


@dataclass(frozen=True)
class Plan(Generic[Key]):
    """What to read for some definitions, and how each is put together from the flags."""

    sources: list[Source]
    flags: list[Flag]
    trees: dict[Key, Tree]
    parameters: dict[str, Any]
    is_columnar: bool

    def tables(self) -> set[str]:
        """The documented tables that sources may read; customers and their identities always."""
        words = {word for source in self.sources for word in _WORD.findall(source.select())}
        return {"customers", "identities", *(words & (TABLES.keys() | {"events"}))} | (
            {"orders"} if "order_lines" in words else set()
        )

    def readers(self, table: str) -> list[Source]:
        """The sources that read a table."""
        return [source for source in self.sources if source.reads(table)]

    def needs_everybody(self, tree: Tree) -> bool:
        """Whether one customer can only be judged among all (RFM)."""
        return any(self.flags[place].rfm is not None for place in tree.flags())


@dataclass(frozen=True)
class CompiledNode:
    """A node of the definition. holds: its condition over `flags`. actual: what to show, or ''."""

    path: str
    node: Node
    holds: str
    actual: str


@dataclass(frozen=True)
class Compiled:
    """One statement: `flags` has one row per customer; conditions of `nodes` are over it."""

    with_clause: str
    parameters: dict[str, Any]
    nodes: list[CompiledNode]
    needs_everybody: bool
    """Whether one customer can only be judged among all (RFM)."""

    @property
    def root(self) -> str:
        return self.nodes[0].holds

    def members_sql(self) -> str:
        """The customers in the segment, in order of their id."""
        return f"{self.with_clause}\nSELECT customer_id FROM flags WHERE {self.root} ORDER BY 1"


def compile_many(
    definitions: Mapping[Key, Definition], *, now: datetime, load: Load, is_columnar: bool = False
) -> Plan[Key]:
    """The plan of several definitions at a moment. load: finds referenced definitions.

    is_columnar: the session has day counts and order lines as tables.
    """
    compiler = _Compiler(Leaves(now, is_columnar=is_columnar), load)
    trees = {key: compiler.start(definition) for key, definition in definitions.items()}
    leaves = compiler.leaves
    return Plan(
        sources=leaves.sources.all(),
        flags=compiler.flags,
        trees=trees,
        parameters=leaves.parameters.values,
        is_columnar=is_columnar,
    )


def compile_definition(definition: Definition, *, now: datetime, load: Load) -> Compiled:
    """A definition as one statement over the documented tables."""
    plan = compile_many({0: definition}, now=now, load=load)
    nodes = [
        CompiledNode(tree.path, tree.node, holds_sql(tree), _actual_sql(tree, plan.flags))
        for tree in plan.trees[0].shown()
    ]
    return Compiled(
        with_clause=_with_clause(plan),
        parameters=plan.parameters,
        nodes=nodes,
        needs_everybody=plan.needs_everybody(plan.trees[0]),
    )


def batch_sql(plan: Plan[Key]) -> str:
    """All definitions of a plan in one statement: who is in any, and the truth of each.

    Columns: customer_id, then k0, k1… in the order of `plan.trees`.
    """
    places = range(len(plan.trees))
    holds = (holds_sql(tree) for tree in plan.trees.values())
    listed = ", ".join(f"{test} AS k{place}" for place, test in zip(places, holds, strict=True))
    judged = f"SELECT customer_id, {listed} FROM flags"  # noqa: S608
    anywhere = " OR ".join(f"k{place}" for place in places)
    return f"{_with_clause(plan)}\nSELECT * FROM ({judged}) AS judged WHERE {anywhere}"


def holds_sql(tree: Tree) -> str:
    """The truth of a node as an expression over `flags`."""
    if tree.flag is not None:
        return f"c{tree.flag}"
    inner = [holds_sql(child) for child in tree.children]
    if is_denied(tree.node):
        return f"(NOT {inner[0]})"
    return f"({(' OR ' if isinstance(tree.node, Or) else ' AND ').join(inner)})"


def is_denied(node: Node) -> bool:
    """Whether a node holds where its only child does not."""
    return isinstance(node, Not) or (isinstance(node, SegmentRef) and not node.has)


def source_sql(source: Source, *, is_columnar: bool) -> str:
    """A source as a statement that stands by itself."""
    if source.needs_lines and not is_columnar:
        return f"WITH order_lines AS (\n  {LINES_SQL}\n) {source.select()}"
    return source.select()


def _actual_sql(tree: Tree, flags: list[Flag]) -> str:
    has_actual = tree.flag is not None and flags[tree.flag].actual
    return f"a{tree.flag}" if has_actual else ""


def _with_clause(plan: Plan[Any]) -> str:
    used: dict[str, str] = {}
    if any(source.needs_lines for source in plan.sources):
        used["order_lines"] = LINES_SQL
    used |= {source.alias: source.select() for source in plan.sources}
    joins = "".join(
        f"\n  LEFT JOIN {source.alias} ON {source.alias}.customer_id = c.customer_id"
        for source in plan.sources
    )
    columns = [f"{CUSTOMERS}.customer_id"]
    for place, flag in enumerate(plan.flags):
        columns.append(f"{flag.test} AS c{place}")
        if flag.actual:
            columns.append(f"CAST({flag.actual} AS VARCHAR) AS a{place}")
    used["flags"] = f"SELECT {', '.join(columns)}\n  FROM customers AS {CUSTOMERS}{joins}"  # noqa: S608
    return "WITH " + ",\n".join(f"{name} AS (\n  {sql}\n)" for name, sql in used.items())


class _Compiler:
    def __init__(self, leaves: Leaves, load: Load) -> None:
        self.leaves = leaves
        self.load = load
        self.flags: list[Flag] = []
        self._places: dict[tuple[str, str], int] = {}
        self._open: list[int] = []
        self._expanded = 0

    def start(self, definition: Definition) -> Tree:
        self._expanded = 0
        return self._visit(definition.root, ROOT, 1)

    def _visit(self, node: Node, path: str, depth: int) -> Tree:
        self._expanded += 1
        if self._expanded > MAX_EXPANDED or depth > MAX_EXPANDED_DEPTH:
            raise Refused("segment.size", "引用展开后条件过多", field=ROOT)
        if isinstance(node, And | Or | Not):
            children = [
                self._visit(child, f"{path}.children.{index}", depth + 1)
                for index, child in enumerate(node.children)
            ]
            return Tree(path, node, children=children)
        if isinstance(node, SegmentRef):
            return Tree(path, node, children=[self._reference(node, path, depth)])
        return Tree(path, node, flag=self._place(self.leaves.flag(node)))

    def _reference(self, node: SegmentRef, path: str, depth: int) -> Tree:
        if node.segment_id in self._open:
            raise Refused("segment.cycle", f"人群 {node.segment_id} 循环引用", field=ROOT)
        self._open.append(node.segment_id)
        root = self.load(node.segment_id).root
        found = self._visit(root, f"{path}.segment.{node.segment_id}", depth + 1)
        self._open.pop()
        return found

    def _place(self, flag: Flag) -> int:
        place = self._places.setdefault((flag.source, flag.test), len(self.flags))
        if place == len(self.flags):
            self.flags.append(flag)
        return place
