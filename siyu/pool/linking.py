"""From facts nobody has resolved yet to identities, edges and customers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from siyu.core.pipeline import Seen
from siyu.kernel.identity import MAX_VALUE, Identity
from siyu.pool import edges, profile, ruling, sightings, tombstones
from siyu.pool.edges import LoggedLink, Pair
from siyu.pool.merging import replay
from siyu.pool.models import Edge as EdgeTable
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.regroup import Workspace
from siyu.pool.rows import raise_times, reserve_ids, stamper
from siyu.pool.rules import APART, edge_strength
from siyu.pool.sightings import Sighted
from siyu.pool.sources import name_source
from siyu.pool.types import Move
from siyu.pool.unbinding import UNBOUND, Unbinding
from siyu.ports.facts import IDENTITY_UNBOUND, Fact

MAX_SCOPE = 96
MAX_TEXT = 160
EdgeKey = tuple[int, int, str, str]


class Linking:
    """One batch of unresolved facts on its way through the pool."""

    def __init__(self, seen: list[Seen], now: datetime) -> None:
        self.seen = seen
        self.work = Workspace(now)
        self.named: list[list[Sighted]] = []
        """The identities of each fact, as it names them; in `people` the best first."""
        self.people: list[list[Sighted]] = []
        self.news: set[int] = set()
        self.bonds = Unbinding()
        self.unsettled: set[int] = set()
        """Facts (by `id`) whose links were not made because they were taken back later."""

    def run(self) -> list[Move]:
        """Write what is new, set who each fact is about; what moved."""
        self._meet()
        self._connect()
        moves = self.work.regroup() if self.work.starts else []
        self._store_other_news()
        if self.bonds.is_any:
            moves += self._unbind()
        for seen, named, people in zip(self.seen, self.named, self.people, strict=True):
            node = _came_through(seen.fact, named, people)
            if node is not None:
                seen.customer_id, seen.identity_id = node.customer_id, node.id
        return moves

    def _meet(self) -> None:
        """Load the known identities, make the unknown ones."""
        wanted = {i: None for seen in self.seen for i in seen.fact.identities if is_sound(i)}
        known = sightings.load_by_value(wanted)
        missing = [identity for identity in wanted if identity not in known]
        erased = tombstones.find_erased(missing)
        fresh = iter(reserve_ids(IdentityTable, len(missing)))
        for seen in self.seen:
            fact = seen.fact
            source = name_source(fact)[:MAX_TEXT]
            people: list[Sighted] = []
            for identity in fact.identities:
                node = known.get(identity)
                if node is None:
                    if identity not in wanted or tombstones.is_barred(erased, identity, fact):
                        continue
                    node = sightings.first_sighting(
                        next(fresh),
                        identity,
                        at=fact.at,
                        source=source,
                        platform=fact.platform,
                    )
                    known[identity] = node
                    self.work.starts.add(node.id)
                elif node.see(fact.at, source, fact.platform):
                    self.news.add(node.id)
                    if node.is_earlier and node.limit is not None:
                        self.work.starts.add(node.id)
                if node not in people:
                    people.append(node)
            self.named.append(people)
            self.people.append(best_first(people))
        self.work.nodes = {node.id: node for node in known.values()}

    def _connect(self) -> None:
        """A star from the best identity of each fact to its others."""
        wanted: dict[EdgeKey, int] = {}
        self._hear_unbindings()
        for seen, people in zip(self.seen, self.people, strict=True):
            if len(people) < 2 or seen.fact.name == IDENTITY_UNBOUND:
                continue
            fact = seen.fact
            source = fact.source[:MAX_TEXT]
            evidence = (fact.evidence or fact.name)[:MAX_TEXT]
            hub = people[0].id
            for other in people[1:]:
                pair = (hub, other.id) if hub < other.id else (other.id, hub)
                if fact.at <= self.bonds.floor(*pair, source):
                    self.unsettled.add(id(seen))
                    continue
                key = (*pair, source, evidence)
                wanted[key] = min(fact.at, wanted.get(key, fact.at))
        nodes = self.work.nodes
        old = {(a, b) for a, b, _, _ in wanted if nodes[a].is_stored and nodes[b].is_stored}
        known = edges.load_between(old)
        self._update_known(known, wanted)
        self._append_new(
            wanted, {(e.a, e.b) for e in known if not e.is_retracted and e.strength != APART}
        )

    def _hear_unbindings(self) -> None:
        for seen, people in zip(self.seen, self.people, strict=True):
            if seen.fact.name == IDENTITY_UNBOUND:
                self.bonds.hear(seen.fact, people)
        linked = (node for people in self.people if len(people) > 1 for node in people)
        self.bonds.load({node.id for node in linked if node.is_stored})

    def _unbind(self) -> list[Move]:
        """Let the edges that were taken back go, and those told again stand."""
        work = Workspace(self.work.now, is_torn=True)
        ends = self.bonds.write(self.work.nodes)
        moves = replay(work, ends) if ends else []
        for move in moves:
            if move.identity_id in self.work.nodes:
                self.work.nodes[move.identity_id].customer_id = move.to_customer
        self.work.is_upset = True
        return moves

    def _update_known(self, known: Iterable[LoggedLink], wanted: dict[EdgeKey, int]) -> None:
        for link in known:
            at = wanted.pop((link.a, link.b, link.source, link.evidence), None)
            if at is None:
                continue
            if link.retracted_by == UNBOUND or link.at <= self.bonds.floor(
                link.a, link.b, link.source
            ):
                self.bonds.revive(link.id, link.a, link.b, at=at)
            elif at < link.at and not link.is_retracted:
                link.at, link.is_changed = at, True
                self.work.links[link.id] = link
                self.work.starts.update((link.a, link.b))

    def _append_new(self, wanted: dict[EdgeKey, int], met: set[Pair]) -> None:
        work, nodes = self.work, self.work.nodes
        for node_id, (key, at) in zip(
            reserve_ids(EdgeTable, len(wanted)), wanted.items(), strict=True
        ):
            a, b, source, evidence = key
            strength = edge_strength(nodes[a].is_strong, nodes[b].is_strong)
            link = LoggedLink(node_id, a, b, strength, at, source, evidence)
            work.links[node_id] = link
            work.new_links.append(link)
            work.starts.add(a)
            work.starts.add(b)
            if (a, b) not in met:
                met.add((a, b))
                count_neighbours(nodes[a], nodes[b])

    def _store_other_news(self) -> None:
        """Sightings of identities whose customers were not recomputed."""
        stamp = stamper()
        crowded = [n for i in self.news if (n := self.work.nodes[i]).is_crowded]
        raise_times(
            "pool_customer", "last_seen_at", [(stamp(n.last_at), n.customer_id) for n in crowded]
        )
        left = [
            self.work.nodes[node_id] for node_id in self.news if self.work.nodes[node_id].is_changed
        ]
        if left:
            sightings.store(left)
            profile.reload_sightings({node.customer_id for node in left})


def _came_through(fact: Fact, named: list[Sighted], people: list[Sighted]) -> Sighted | None:
    """The identity that what a fact tells hangs on: the best one.

    Where one of our accounts tells of a person, it is the first strong one named: the platform's
    own id. Such facts name more or fewer other ids, and must meet in one row all the same.
    """
    own = (node for node in named if node.is_strong) if fact.account else iter(())
    usable = (node for node in (*own, *people) if not node.is_quarantined)
    return next(usable, None)


def best_first(people: list[Sighted]) -> list[Sighted]:
    """Strong ids before weak ones, then by their namespace's priority, then as the fact says."""
    if len(people) > 1:
        rank_of = ruling.current().rank_of
        return sorted(people, key=lambda node: rank_of(node.namespace, node.is_strong))
    return people


def count_neighbours(a: Sighted, b: Sighted) -> None:
    """A new pair of neighbours."""
    for node, other in ((a, b), (b, a)):
        node.degree += 1
        node.strong_degree += other.is_strong
        node.is_changed = node.has_edges = True


def is_sound(identity: Identity) -> bool:
    """Whether the database can hold it; connectors may hand on what a platform sent."""
    value = identity.value
    return (
        0 < len(value) <= MAX_VALUE
        and len(identity.scope) <= MAX_SCOPE
        and "\x00" not in value
        and "\x00" not in identity.scope
    )
