"""Crowds: more identities hang together than are recomputed at once.

No person has so many linked identities, so what makes a crowd is mostly wrong. Its people stay
as they are; a newcomer joins the group it is linked to, if the rules allow it now, and an edge
between two groups of crowds waits for review. So each event costs the same, however large the
crowd. `rebuild` settles crowds as if their edges had come in canonical order.
"""

from __future__ import annotations

from collections.abc import Iterable

from siyu.pool.edges import LoggedLink, load_apart
from siyu.pool.reach import load_joined
from siyu.pool.rules import CROWDED, MANUAL, Clustering, EdgeState, Groups, canonical_key
from siyu.pool.sightings import Sighted, load_of_customers

_QUARANTINED = (EdgeState.QUARANTINED.value, "quarantined")


class Crowd:
    """The part of a workspace that lies in crowds.

    members: identities reached in crowds. starts: those of them whose edges changed.
    is_torn: edges were taken back or ids quarantined, so groups may fall apart.
    """

    def __init__(
        self, nodes: dict[int, Sighted], members: set[int], starts: set[int], *, is_torn: bool
    ) -> None:
        self._nodes = nodes
        self._members = members
        self._is_torn = is_torn
        self._old = {node_id for node_id in members if nodes[node_id].is_crowded}
        self._touched = (starts & members) | (members - self._old)

    def settle(self, links: Iterable[LoggedLink], taken: set[int]) -> Clustering:
        """Groups of the customers that changed, verdicts of the new links among them.

        taken: identities that are recomputed elsewhere.
        """
        result = Clustering()
        links = list(links)
        if not self._is_torn:
            links = self._judge_old(links, result)
            if not links and self._members == self._old:
                return result
        self._load(taken)
        for node_id in self._members:
            node = self._nodes[node_id]
            if node.is_crowded == node.is_quarantined:
                node.is_crowded, node.is_changed = not node.is_quarantined, True
        mine = {n: self._nodes[n] for n in self._ids}
        groups = Groups(mine, [p for p in load_apart(mine) if p[0] in mine and p[1] in mine])
        known, new = self._sort(links)
        if self._is_torn:
            known += [link for link in load_joined(self._stored) if self._is_inside(link)]
            for link in sorted(known, key=lambda link: canonical_key(mine, link)):
                if not groups.is_apart(groups.root(link.a), groups.root(link.b)):
                    self._glue(groups, link.a, link.b)
        else:
            self._glue_customers(groups)
        for link in sorted(new, key=lambda link: canonical_key(mine, link)):
            result.verdicts[link.id] = self._judge(groups, link)
        result.groups = list(groups.members.values())
        return result

    def _judge_old(self, links: list[LoggedLink], result: Clustering) -> list[LoggedLink]:
        """Edges between people of crowds need no look at the rest; the others are left."""
        left = []
        for link in links:
            a, b = self._nodes[link.a], self._nodes[link.b]
            if a.id not in self._old or b.id not in self._old or link.strength == MANUAL:
                left.append(link)
            elif not link.state:
                is_same = a.customer_id == b.customer_id
                refused = (EdgeState.REFUSED.value, CROWDED)
                result.verdicts[link.id] = (EdgeState.JOINED.value, "") if is_same else refused
        return left

    def _load(self, taken: set[int]) -> None:
        customers = {n.customer_id for i in self._touched if (n := self._nodes[i]).is_stored}
        self._ids = set(self._touched)
        for node in load_of_customers(customers):
            if node.id not in taken:
                self._nodes.setdefault(node.id, node)
                self._ids.add(node.id)
        self._stored = [n for n in self._ids if self._nodes[n].is_stored]

    def _sort(self, links: Iterable[LoggedLink]) -> tuple[list[LoggedLink], list[LoggedLink]]:
        """Joined links as they stand, and those to be judged."""
        known, new = [], []
        for link in links:
            if link.a not in self._ids or link.b not in self._ids:
                continue
            is_apart = self._nodes[link.a].customer_id != self._nodes[link.b].customer_id
            if not link.state or (link.state == "joined" and is_apart):
                new.append(link)
            elif link.state == "joined" and self._is_inside(link):
                known.append(link)
        return known, new

    def _is_inside(self, link: LoggedLink) -> bool:
        a, b = self._nodes.get(link.a), self._nodes.get(link.b)
        if a is None or b is None or a.id not in self._ids or b.id not in self._ids:
            return False
        is_open = not (a.is_quarantined or b.is_quarantined)
        return is_open and a.customer_id == b.customer_id

    def _glue_customers(self, groups: Groups) -> None:
        first: dict[int, int] = {}
        for node_id in self._stored:
            node = self._nodes[node_id]
            if not node.is_quarantined:
                self._glue(groups, first.setdefault(node.customer_id, node_id), node_id)

    @staticmethod
    def _glue(groups: Groups, one: int, other: int) -> None:
        a, b = groups.root(one), groups.root(other)
        if a != b:
            groups.unite(a, b)

    def _judge(self, groups: Groups, link: LoggedLink) -> tuple[str, str]:
        if self._nodes[link.a].is_quarantined or self._nodes[link.b].is_quarantined:
            return _QUARANTINED
        is_bridge = link.a in self._old and link.b in self._old and link.strength != MANUAL
        if is_bridge and groups.root(link.a) != groups.root(link.b):
            return EdgeState.REFUSED.value, CROWDED
        return groups.join(link)
