"""Recompute the customers of everything that hangs together with some changed identities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siyu.pool import belongings, edges, profile, sightings
from siyu.pool.crowds import Crowd
from siyu.pool.edges import LoggedLink
from siyu.pool.models import ConflictEntry, Customer, CustomerAlias
from siyu.pool.reach import Reach
from siyu.pool.rows import among, execute, insert_rows, listed, reserve_ids, stamp
from siyu.pool.rules import (
    MAX_COMPONENT,
    Claim,
    Clustering,
    EdgeState,
    assign_customers,
    cluster,
    components_of,
    is_over_limit,
)
from siyu.pool.ruling import current
from siyu.pool.sightings import Sighted
from siyu.pool.types import Move


@dataclass
class Workspace:
    """Identities and edges in hand while customers are recomputed.

    new_links: edges not written yet. starts: identities whose edges changed.
    is_upset: a known identity went to another customer or in or out of quarantine.
    is_torn: edges were taken back. is_bounded: crowds are not recomputed as a whole.
    """

    now: datetime
    nodes: dict[int, Sighted] = field(default_factory=dict)
    links: dict[int, LoggedLink] = field(default_factory=dict)
    new_links: list[LoggedLink] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    is_upset: bool = False
    is_torn: bool = False
    is_bounded: bool = True

    def regroup(self) -> list[Move]:
        """Judge, write, move. The identities of `starts` must be among `nodes`."""
        self._quarantine()
        reach = Reach(self.nodes, is_bounded=self.is_bounded)
        reach.expand(self.starts, self.links)
        outcome = self._judge(reach)
        touched = [self.nodes[node_id] for group in outcome.groups for node_id in group]
        before = {node.customer_id for node in touched if node.is_stored}
        moves = self._settle(outcome.groups)
        self.is_upset |= bool(moves)
        at = stamp(self.now)
        edges.judge(outcome.verdicts, self.links, at=at)
        edges.append(self.new_links)
        sightings.store(self.nodes[node_id] for node_id in reach.ids.union(*outcome.groups))
        self._write_customers(outcome.groups, before, moves)
        return moves

    def _judge(self, reach: Reach) -> Clustering:
        """The customers of what was reached; those of crowds only as far as they changed."""
        crowd = reach.crowd
        if not crowd:
            nodes = {node_id: self.nodes[node_id] for node_id in sorted(reach.ids)}
            if not self.is_bounded:
                self._mark_crowds(nodes)
            return cluster(nodes, self.links.values())
        free = reach.ids - crowd
        inner = [link for link in self.links.values() if link.a in free and link.b in free]
        outcome = cluster({node_id: self.nodes[node_id] for node_id in sorted(free)}, inner)
        outer = [link for link in self.links.values() if link.a not in free or link.b not in free]
        part = Crowd(self.nodes, crowd, self.starts, is_torn=self.is_torn)
        found = part.settle(outer, free)
        outcome.groups += found.groups
        for link in outer:
            if self.nodes[link.a].is_quarantined or self.nodes[link.b].is_quarantined:
                found.verdicts[link.id] = (EdgeState.QUARANTINED.value, "quarantined")
        outcome.verdicts |= found.verdicts
        return outcome

    def _mark_crowds(self, nodes: dict[int, Sighted]) -> None:
        """Whole components are in hand: which of them are crowds?"""
        for component in components_of(nodes, self.links.values()):
            is_crowded = len(component) > MAX_COMPONENT
            for node_id in component:
                if nodes[node_id].is_crowded != is_crowded:
                    nodes[node_id].is_crowded, nodes[node_id].is_changed = is_crowded, True

    def _quarantine(self) -> None:
        changed = []
        ruling = current()
        for node_id in self.starts:
            node = self.nodes[node_id]
            rule = ruling.rule_of(node.namespace)
            is_over = is_over_limit(rule, node.degree, node.strong_degree) or ruling.is_blocked(
                node.namespace, node.value
            )
            if is_over != node.is_quarantined:
                node.is_quarantined, node.is_changed = is_over, True
                changed.append(node)
        if changed:
            self.is_upset = self.is_torn = True
            _review_quarantine(changed, stamp(self.now))

    def _settle(self, groups: list[list[int]]) -> list[Move]:
        """Give each group its customer id; what that moves."""
        self._bear(groups)
        nodes = self.nodes
        claims = [
            Claim(
                {node_id: nodes[node_id].birth_id for node_id in group},
                nodes[group[0]].is_quarantined,
            )
            for group in groups
        ]
        ids, reborn = assign_customers(claims, _fresh_ids())
        for identity, birth in reborn.items():
            nodes[identity].birth_id, nodes[identity].is_changed = birth, True
        moves = []
        for group, customer in zip(groups, ids, strict=True):
            for node_id in group:
                node = nodes[node_id]
                if node.customer_id != customer:
                    if node.is_stored:
                        moves.append(Move(node_id, node.customer_id, customer))
                        node.is_changed = True
                    node.customer_id = customer
        return moves

    def _bear(self, groups: list[list[int]]) -> None:
        """New identities are born into their group: its oldest customer, or a fresh one."""
        orphans = []
        for group in groups:
            births = [
                self.nodes[node_id].birth_id for node_id in group if self.nodes[node_id].birth_id
            ]
            if not births:
                orphans.append(group)
            elif len(births) < len(group):
                self._name_birth(group, min(births))
        for group, fresh in zip(orphans, reserve_ids(Customer, len(orphans)), strict=True):
            self._name_birth(group, fresh)

    def _name_birth(self, group: list[int], birth: int) -> None:
        for node_id in group:
            if not self.nodes[node_id].birth_id:
                self.nodes[node_id].birth_id = birth

    def _write_customers(
        self, groups: list[list[int]], before: set[int], moves: list[Move]
    ) -> None:
        members = {
            self.nodes[g[0]].customer_id: [self.nodes[node_id] for node_id in g] for g in groups
        }
        if moves:
            _remove_customers(before - members.keys())
        profile.store_sightings(members)
        if moves:
            _redirect(members)
            belongings.move_belongings(moves)
            touched = {move.to_customer for move in moves} | {move.from_customer for move in moves}
            profile.refresh(touched & members.keys())
            belongings.tell(moves, self.now)


def _fresh_ids() -> Iterator[int]:
    while True:
        yield from reserve_ids(Customer, 1)


def _remove_customers(ids: Iterable[int]) -> None:
    gone = list(ids)
    if gone:
        execute(f"DELETE FROM pool_customer WHERE {among('id')}", listed(gone))  # noqa: S608


def _redirect(members: dict[int, list[Sighted]]) -> None:
    """Every id a group was born with answers with the group's id; living ids need no alias."""
    aliases: dict[int, int] = {}
    for customer, nodes in members.items():
        for node in nodes:
            if node.birth_id != customer:
                aliases[node.birth_id] = customer
    sql = f"DELETE FROM pool_customeralias WHERE {among('old_id')}"  # noqa: S608
    execute(sql, listed(members))
    insert_rows(
        CustomerAlias,
        ("old_id", "new_id"),
        list(aliases.items()),
        on_conflict="(old_id) DO UPDATE SET new_id = excluded.new_id",
    )


def _review_quarantine(nodes: list[Sighted], at: Any) -> None:
    by_state: dict[bool, list[Sighted]] = defaultdict(list)
    for node in nodes:
        by_state[node.is_quarantined].append(node)
    insert_rows(
        ConflictEntry,
        ("kind", "identity_id", "namespace", "at"),
        [("quarantined", node.id, node.namespace, at) for node in by_state[True]],
        on_conflict="(identity_id) DO NOTHING",
    )
    released = [node.id for node in by_state[False]]
    if released:
        sql = f"DELETE FROM pool_conflictentry WHERE {among('identity_id')}"  # noqa: S608
        execute(sql, listed(released))
