"""Taking back what a source told: `identity_unbound` facts (神策 `track_id_unbind`).

A fact with two identities or more takes back what its source told of each pair of them; with
one identity, everything its source told of that identity. Evidence of other sources, and what
people joined by hand, stays. The edges stay in the log as retracted, and the rules run again.

The unbinding itself is kept as a retracted edge (of an identity with itself where it names only
one), so the order of arrival does not matter to bindings earlier than it: they no longer count.
A binding later than it counts again. What cannot be known: an edge keeps its earliest time only,
so a late unbinding also takes back what was told again between its time and its arrival; the
next time the source tells it, it stands again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from siyu.pool import edges
from siyu.pool.models import Edge
from siyu.pool.rows import among, execute, fetch, insert_rows, listed, ms_of, stamper
from siyu.pool.rules import EdgeState, edge_strength
from siyu.pool.sightings import Sighted
from siyu.ports.facts import Fact

UNBOUND = "unbound"
"""`retracted_by` of what a source took back."""
_MARKER = ("a", "b", "evidence", "source", "strength", "at", "state", "reason")
_RETRACTED = ("retracted_at", "retracted_by", "retracted_reason")
_LATEST = (
    "(a, b, source, evidence) DO UPDATE SET retracted_at = excluded.retracted_at"
    " WHERE excluded.retracted_at > pool_edge.retracted_at"
)
Tie = tuple[int, int, str]


class Unbinding:
    """The unbindings of one batch, and the earlier ones that matter to it."""

    def __init__(self) -> None:
        self._floors: dict[Tie, int] = {}
        self._told: dict[Tie, tuple[int, str]] = {}
        self._revived: dict[int, int] = {}
        self._ends: set[int] = set()

    def hear(self, fact: Fact, people: list[Sighted]) -> None:
        """Take in one unbinding."""
        ids = sorted(node.id for node in people)
        pairs = list(combinations(ids, 2)) if len(ids) > 1 else [(one, one) for one in ids]
        source, evidence = fact.source[:160], (fact.evidence or fact.name)[:160]
        for a, b in pairs:
            self._raise((a, b, source), fact.at)
            self._told[a, b, source] = (self._floors[a, b, source], evidence)

    def load(self, ids: Iterable[int]) -> None:
        """The unbindings that are stored of these identities."""
        sql = (
            "SELECT a, b, source, retracted_at FROM pool_edge"  # noqa: S608 - no value in the text
            f" WHERE retracted_by = '{UNBOUND}' AND {among('a')}"
        )
        for a, b, source, at in fetch(sql, listed(ids)):
            self._raise((a, b, source), ms_of(at))

    def floor(self, a: int, b: int, source: str) -> int:
        """Up to this time (ms) nothing the source told of this pair counts."""
        if not self._floors:
            return 0
        ties = ((a, b, source), (a, a, source), (b, b, source))
        return max(self._floors.get(tie, 0) for tie in ties)

    def revive(self, edge_id: int, a: int, b: int, *, at: int) -> None:
        """The source told it again after taking it back."""
        self._revived[edge_id] = at
        self._ends |= {a, b}

    def write(self, nodes: dict[int, Sighted]) -> set[int]:
        """Revive, retract, keep the unbindings; the identities whose edges changed."""
        stamp = stamper()
        for edge_id, at in self._revived.items():
            execute(
                "UPDATE pool_edge SET retracted_at = NULL, retracted_by = '', at = %s"
                " WHERE id = %s",
                stamp(at),
                edge_id,
            )
        for (a, b, source), (at, _) in self._told.items():
            self._retract(a, b, source, at=at)
        markers = [
            (
                *(a, b, evidence, source),
                edge_strength(nodes[a].is_strong, nodes[b].is_strong),
                *(stamp(at), EdgeState.REFUSED.value, ""),
                *(stamp(at), UNBOUND, ""),
            )
            for (a, b, source), (at, evidence) in self._told.items()
        ]
        insert_rows(Edge, (*_MARKER, *_RETRACTED), markers, on_conflict=_LATEST)
        return self._ends

    @property
    def is_any(self) -> bool:
        return bool(self._told or self._revived)

    def _retract(self, a: int, b: int, source: str, *, at: int) -> None:
        stamp = stamper()
        which = "a = %s AND b = %s" if a != b else "(a = %s OR b = %s)"
        found = fetch(
            "SELECT id, a, b FROM pool_edge WHERE retracted_at IS NULL"  # noqa: S608 - see above
            f" AND source = %s AND at <= %s AND {which}",
            source,
            stamp(at),
            a,
            b,
        )
        ids = [row[0] for row in found]
        execute(
            "UPDATE pool_edge SET retracted_at = %s, retracted_by = %s"  # noqa: S608 - see above
            f" WHERE {among('id')}",
            stamp(at),
            UNBOUND,
            listed(ids),
        )
        edges.close_conflicts(ids)
        self._ends |= {end for row in found for end in row[1:]}

    def _raise(self, tie: Tie, at: int) -> None:
        self._floors[tie] = max(at, self._floors.get(tie, 0))
