"""Who is who: a pure function from identities and edges to customers.

The answer does not depend on the order in which edges arrive. Edges are taken in a canonical
order (strong, weak, by hand; then earliest; then by content), and each one joins its two
groups unless that would break a rule:

- `single_valued`: both groups hold a value of a namespace of which one person has one per scope
  (they differ, or the groups would be one already);
- `limit`: the joined group would hold more values of a namespace than one person may have
  (`5 ever`; `5 per 7 days`, counted by when each value was first seen);
- `weak`: the edge is weak and both groups hold strong ids of one namespace;
- `apart`: a person decided that two identities of the two groups are different people's;
- `too_large`: the joined group would hold more than `MAX_GROUP` identities;
- `quarantined`: one end is linked to more identities than its namespace allows, or blocked.

An edge made by hand only obeys the last three. It comes last, so that it joins the two customers
a person saw, and taking it back leaves exactly what was there before. An edge of strength `apart`
joins nothing: it is that decision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from siyu.kernel.identity import Limit, NamespaceRule, Strength

MAX_GROUP = 500
MAX_COMPONENT = 500
"""So many linked identities are recomputed at once; where more hang together is a crowd."""
WEAK_FACTOR = 25
"""So many times more weak neighbours than strong ones an id may have: cookies come and go."""

MANUAL = "manual"
APART = "apart"
CROWDED = "crowded"
DAY_MS = 86_400_000
_STRONG, _WEAK = Strength.STRONG.value, Strength.WEAK.value
_RANK = {_STRONG: 0, _WEAK: 1, MANUAL: 2}


class EdgeState(StrEnum):
    JOINED = "joined"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


_JOINED = (EdgeState.JOINED.value, "")


@dataclass(slots=True, eq=False)
class Node:
    """An identity as the rules see it. `content` is what orders and names it.

    limit: how many of its namespace one person may have, unless it is single-valued. first_at:
    when it was first seen, in ms. is_crowded: it is part of a crowd.
    """

    id: int
    namespace: str
    scope: str
    value: str
    is_strong: bool
    is_single_valued: bool
    is_quarantined: bool = False
    limit: Limit | None = None
    first_at: int = 0
    is_crowded: bool = False

    @property
    def content(self) -> tuple[str, str, str]:
        return self.namespace, self.scope, self.value


@dataclass(slots=True, eq=False)
class Link:
    """An edge as the rules see it; `at` in ms."""

    id: int
    a: int
    b: int
    strength: str
    at: int
    source: str = ""
    evidence: str = ""


@dataclass(slots=True)
class Clustering:
    """groups: the customers. verdicts: edge id → (state, reason)."""

    groups: list[list[int]] = field(default_factory=list)
    verdicts: dict[int, tuple[str, str]] = field(default_factory=dict)


def edge_strength(a_is_strong: bool, b_is_strong: bool) -> str:  # noqa: FBT001 - a pair
    """An edge is as strong as its weaker end."""
    return _STRONG if a_is_strong and b_is_strong else _WEAK


def is_over_limit(rule: NamespaceRule, degree: int, strong_degree: int) -> bool:
    """Whether an id is linked to too many others to be one person's."""
    return strong_degree > rule.max_degree or degree > rule.max_degree * WEAK_FACTOR


def cluster(nodes: Mapping[int, Node], links: Iterable[Link]) -> Clustering:
    """The customers among `nodes`; every end of a link must be a node.

    Links of strength `apart` may have ends elsewhere. Sets the other links' strength by what
    their ends are now.
    """
    result = Clustering()
    open_links: list[Link] = []
    apart: list[Link] = []
    for link in links:
        if link.strength == APART:
            apart.append(link)
            continue
        if link.strength != MANUAL:
            link.strength = edge_strength(nodes[link.a].is_strong, nodes[link.b].is_strong)
        if nodes[link.a].is_quarantined or nodes[link.b].is_quarantined:
            result.verdicts[link.id] = (EdgeState.QUARANTINED.value, "quarantined")
        else:
            open_links.append(link)
    parents = _unite(nodes, open_links)
    components: dict[int, list[int]] = defaultdict(list)
    for node_id in nodes:
        components[_root(parents, node_id)].append(node_id)
    inside: dict[int, list[Link]] = defaultdict(list)
    for link in open_links:
        inside[_root(parents, link.a)].append(link)
    walls = _walls(apart, parents)
    for root, members in components.items():
        part = _Part({n: nodes[n] for n in members}, inside.get(root, []), walls.get(root, []))
        _settle(part, result)
    return result


def _walls(apart: list[Link], parents: dict[int, int]) -> dict[int, list[tuple[int, int]]]:
    """Pairs kept apart inside one component, by its root."""
    walls: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link in apart:
        if link.a in parents and link.b in parents:
            root = _root(parents, link.a)
            if root == _root(parents, link.b):
                walls[root].append((link.a, link.b))
    return walls


def components_of(nodes: Mapping[int, Node], links: Iterable[Link]) -> list[list[int]]:
    """What hangs together by links that could join, whatever the rules make of them."""
    parents = _unite(
        nodes,
        (
            link
            for link in links
            if link.strength != APART
            and not nodes[link.a].is_quarantined
            and not nodes[link.b].is_quarantined
        ),
    )
    found: dict[int, list[int]] = defaultdict(list)
    for node_id in nodes:
        found[_root(parents, node_id)].append(node_id)
    return list(found.values())


def _unite(nodes: Iterable[int], links: Iterable[Link]) -> dict[int, int]:
    parents = {node_id: node_id for node_id in nodes}
    for link in links:
        a, b = _root(parents, link.a), _root(parents, link.b)
        if a != b:
            parents[b] = a
    return parents


@dataclass(slots=True)
class _Part:
    """One connected component. apart: pairs that must not meet."""

    nodes: dict[int, Node]
    links: list[Link]
    apart: list[tuple[int, int]]


def _settle(part: _Part, result: Clustering) -> None:
    """Without any clash inside, the order of joins cannot matter."""
    if not part.apart and not _can_clash(part.nodes, part.links):
        result.groups.append(list(part.nodes))
        for link in part.links:
            result.verdicts[link.id] = _JOINED
        return
    nodes, links = part.nodes, part.links
    groups = Groups(nodes, part.apart)
    links.sort(key=lambda link: canonical_key(nodes, link))
    for link in links:
        result.verdicts[link.id] = groups.join(link)
    result.groups.extend(groups.members.values())


def _can_clash(nodes: Mapping[int, Node], links: list[Link]) -> bool:
    if len(nodes) == 1:
        return False
    if len(nodes) > MAX_GROUP:
        return True
    strong: set[str] = set()
    keys: set[tuple[str, str]] = set()
    counts: dict[tuple[str, str], int] = {}
    is_repeated = False
    for node in nodes.values():
        if node.limit is not None:
            key = (node.namespace, node.scope)
            counts[key] = counts.get(key, 0) + 1
            if counts[key] > node.limit.count:
                return True
        if node.is_single_valued:
            key = (node.namespace, node.scope)
            if key in keys:
                return True
            keys.add(key)
        if node.is_strong:
            is_repeated = is_repeated or node.namespace in strong
            strong.add(node.namespace)
    return is_repeated and any(link.strength == _WEAK for link in links)


def canonical_key(nodes: Mapping[int, Node], link: Link) -> tuple[object, ...]:
    """Orders edges by what they say, not by when their rows were written."""
    ends = sorted((nodes[link.a].content, nodes[link.b].content))
    return _RANK[link.strength], link.at, ends, link.source, link.evidence


class Groups:
    """Groups that grow by joins; each remembers the keys that may not meet twice."""

    def __init__(self, nodes: Mapping[int, Node], apart: Iterable[tuple[int, int]] = ()) -> None:
        self.apart = list(apart)
        self.limits = {(n.namespace, n.scope): n.limit for n in nodes.values() if n.limit}
        self.times: dict[int, dict[tuple[str, str], list[int]]] = (
            {i: {(n.namespace, n.scope): [n.first_at]} if n.limit else {} for i, n in nodes.items()}
            if self.limits
            else {}
        )
        self.parents = {node_id: node_id for node_id in nodes}
        self.members = {node_id: [node_id] for node_id in nodes}
        self.single = {
            node_id: {(n.namespace, n.scope)} if n.is_single_valued else set()
            for node_id, n in nodes.items()
        }
        self.strong = {
            node_id: {n.namespace} if n.is_strong else set() for node_id, n in nodes.items()
        }

    def join(self, link: Link) -> tuple[str, str]:
        a, b = self.root(link.a), self.root(link.b)
        if a == b:
            return _JOINED
        reason = self._reason_against(a, b, link.strength)
        if reason:
            return EdgeState.REFUSED.value, reason
        self.unite(a, b)
        return _JOINED

    def root(self, node_id: int) -> int:
        return _root(self.parents, node_id)

    def unite(self, a: int, b: int) -> None:
        """Make one group of two, given by their roots."""
        if len(self.members[a]) < len(self.members[b]):
            a, b = b, a
        self.parents[b] = a
        self.members[a] += self.members.pop(b)
        self.single[a] |= self.single.pop(b)
        self.strong[a] |= self.strong.pop(b)
        if self.limits:
            for key, times in self.times.pop(b).items():
                self.times[a].setdefault(key, []).extend(times)

    def _reason_against(self, a: int, b: int, strength: str) -> str:
        if len(self.members[a]) + len(self.members[b]) > MAX_GROUP:
            return "too_large"
        if self.is_apart(a, b):
            return APART
        return "" if strength == MANUAL else self._clash_of(a, b, is_weak=strength == _WEAK)

    def _clash_of(self, a: int, b: int, *, is_weak: bool) -> str:
        if not self.single[a].isdisjoint(self.single[b]):
            return "single_valued"
        if self.limits and self._is_over_limit(a, b):
            return "limit"
        if is_weak and not self.strong[a].isdisjoint(self.strong[b]):
            return "weak"
        return ""

    def is_apart(self, a: int, b: int) -> bool:
        """Whether a person keeps two groups apart, given by their roots."""
        return any({self.root(one), self.root(other)} == {a, b} for one, other in self.apart)

    def _is_over_limit(self, a: int, b: int) -> bool:
        """Whether the two together would have too many values of one namespace."""
        mine, others = self.times[a], self.times[b]
        return any(
            exceeds(self.limits[key], mine[key] + times)
            for key, times in others.items()
            if key in mine
        )


def exceeds(limit: Limit | None, times: list[int]) -> bool:
    """Whether so many values, first seen at these times (ms), are more than a limit allows."""
    if limit is None or len(times) <= limit.count:
        return False
    if not limit.days:
        return True
    ordered = sorted(times)
    window = limit.days * DAY_MS
    return any(
        later - earlier < window
        for earlier, later in zip(ordered, ordered[limit.count :], strict=False)
    )


def _root(parents: dict[int, int], node_id: int) -> int:
    root = node_id
    while parents[root] != root:
        root = parents[root]
    while parents[node_id] != root:
        parents[node_id], node_id = root, parents[node_id]
    return root


@dataclass(frozen=True)
class Claim:
    """A group that wants a customer id: its members' birth ids by identity id."""

    births: Mapping[int, int]
    is_quarantined: bool = False


def assign_customers(claims: list[Claim], fresh: Iterable[int]) -> tuple[list[int], dict[int, int]]:
    """A customer id for each group, and the birth ids that change.

    A group takes its smallest birth id. Where two groups hold the same birth id, the one with
    the oldest identity (and not a quarantined one) keeps it; the other takes its next former
    id, or a fresh one. Afterwards every birth id lies in one group only, so a later merge and
    split gives the same ids back.
    """
    order = sorted(
        range(len(claims)), key=lambda i: (claims[i].is_quarantined, min(claims[i].births))
    )
    owner: dict[int, int] = {}
    for i in order:
        owner.setdefault(min(claims[i].births.values()), i)
    ids = {i: birth for birth, i in owner.items()}
    supply = iter(fresh)
    for i in order:
        if i not in ids:
            free = sorted(b for b in set(claims[i].births.values()) if b not in owner)
            ids[i] = free[0] if free else next(supply)
            owner[ids[i]] = i
    reborn: dict[int, int] = {}
    for i in order:
        for identity, birth in claims[i].births.items():
            if owner.setdefault(birth, i) != i:
                reborn[identity] = ids[i]
    return [ids[i] for i in range(len(claims))], reborn
