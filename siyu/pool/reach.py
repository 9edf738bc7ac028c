"""What hangs together with some changed identities, as far as it is recomputed at once."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.pool.edges import LoggedLink, load_around
from siyu.pool.rows import among, fetch, is_postgres, listed
from siyu.pool.rules import APART, MAX_COMPONENT, Link
from siyu.pool.sightings import Sighted, load_by_id

FEW_WAVES = 4
MAX_WALK = 50_000


class Reach:
    """Identities reached from changed ones, and which of them are part of a crowd.

    An identity that was and stays quarantined is a wall: it is reached, not passed. So is one
    of a crowd: more hangs together around it than `MAX_COMPONENT`.
    """

    def __init__(self, nodes: dict[int, Sighted], *, is_bounded: bool = True) -> None:
        self.ids: set[int] = set()
        self._nodes = nodes
        self._is_bounded = is_bounded
        self._parents: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._crowds: set[int] = set()

    def expand(self, starts: Iterable[int], links: dict[int, LoggedLink]) -> None:
        """Load everything around `starts`; `links` may hold new edges between them already."""
        self._add(starts)
        for link in links.values():
            self._unite(link)
        frontier = self._frontier(self.ids)
        waves = 0
        while frontier:
            waves += 1
            if waves > FEW_WAVES:
                frontier = self._walk(frontier)
            found = load_around(frontier)
            ends: set[int] = set()
            for link in found:
                links.setdefault(link.id, link)
                if link.strength != APART:
                    ends.update((link.a, link.b))
            ends -= self.ids
            for node in load_by_id(ends - self._nodes.keys()):
                self._nodes[node.id] = node
            self._add(ends)
            for link in found:
                self._unite(link)
            frontier = self._frontier(ends)

    @property
    def crowd(self) -> set[int]:
        """The identities reached that are part of a crowd."""
        if not self._crowds:
            return set()
        return {node_id for node_id in self.ids if self._root(node_id) in self._crowds}

    def _add(self, ids: Iterable[int]) -> None:
        for node_id in ids:
            if node_id not in self.ids:
                self.ids.add(node_id)
                self._parents[node_id] = node_id
                self._sizes[node_id] = 1
                if self._is_bounded and self._nodes[node_id].is_crowded:
                    self._crowds.add(node_id)

    def _unite(self, link: Link) -> None:
        if link.strength == APART or link.a not in self.ids or link.b not in self.ids:
            return
        if self._nodes[link.a].is_quarantined or self._nodes[link.b].is_quarantined:
            return
        a, b = self._root(link.a), self._root(link.b)
        if a == b:
            return
        if self._sizes[a] < self._sizes[b]:
            a, b = b, a
        self._parents[b] = a
        self._sizes[a] += self._sizes.pop(b)
        is_over = self._is_bounded and self._sizes[a] > MAX_COMPONENT
        if b in self._crowds or is_over:
            self._crowds.discard(b)
            self._crowds.add(a)

    def _frontier(self, ids: Iterable[int]) -> set[int]:
        return {
            node_id
            for node_id in ids
            if _is_open(self._nodes[node_id]) and self._root(node_id) not in self._crowds
        }

    def _walk(self, frontier: set[int]) -> set[int]:
        """Long chains are walked by the database, not link by link."""
        roots = len({self._root(node_id) for node_id in frontier})
        limit = min(MAX_WALK, len(self.ids) + (MAX_COMPONENT + 1) * roots)
        seeds = (
            "SELECT unnest(%s::bigint[])" if is_postgres() else "SELECT value FROM json_each(%s)"
        )
        found = fetch(
            f"WITH RECURSIVE r(id) AS ({seeds} UNION"  # noqa: S608 - no value in the text
            " SELECT CASE WHEN e.a = r.id THEN e.b ELSE e.a END FROM r"
            " JOIN pool_identity i ON i.id = r.id AND NOT i.is_quarantined AND NOT i.is_crowded"
            " JOIN pool_edge e ON e.a = r.id OR e.b = r.id"
            " WHERE e.retracted_at IS NULL AND e.strength <> 'apart') SELECT id FROM r LIMIT %s",
            listed(frontier),
            limit,
        )
        return frontier | {row[0] for row in found}

    def _root(self, node_id: int) -> int:
        parents = self._parents
        root = node_id
        while parents[root] != root:
            root = parents[root]
        while parents[node_id] != root:
            parents[node_id], node_id = root, parents[node_id]
        return root


def load_joined(ids: Iterable[int]) -> list[LoggedLink]:
    """The edges in force that join one of these to another."""
    return [link for link in load_around(ids) if link.state == "joined"]


def members_of(customers: Iterable[int]) -> list[int]:
    """The identities of these customers."""
    sql = f"SELECT id FROM pool_identity WHERE {among('customer_id')}"  # noqa: S608
    return [row[0] for row in fetch(sql, listed(customers))]


def _is_open(node: Sighted) -> bool:
    is_wall = node.is_quarantined and node.was_quarantined
    return node.is_stored and node.has_edges and not is_wall
