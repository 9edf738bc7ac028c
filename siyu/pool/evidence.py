"""Why a customer is one person, and what waits for a person's judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from siyu.core.access import Actor, require
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool.masking import mask_identity
from siyu.pool.models import ConflictEntry, Edge, Identity
from siyu.pool.oneid_queries import sides_of
from siyu.pool.oneid_types import SideRow
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.types import EvidenceEdge, EvidenceGraph, EvidenceNode

MAX_EDGES = 500


def why(actor: Actor, customer_id: int) -> EvidenceGraph:
    """The identities, every edge at them (also refused and retracted ones), in short codes.

    Identities of other customers appear where an edge to them was refused or retracted.
    """
    require(actor, "customer:read")
    current = current_customer_id(customer_id)
    require_visible(actor, current)
    own = set(Identity.objects.filter(customer_id=current).values_list("pk", flat=True))
    around = Edge.objects.filter(Q(a__in=own) | Q(b__in=own)).exclude(a=F("b"))
    edges = list(around.order_by("at", "id")[:MAX_EDGES])
    ends = own.union(*({edge.a, edge.b} for edge in edges))
    rows = {row.pk: row for row in Identity.objects.filter(pk__in=ends).order_by("id")}
    shown = [edge for edge in edges if edge.a in rows and edge.b in rows]
    return EvidenceGraph(
        nodes=[_node(row) for row in rows.values()],
        edges=[_edge(edge) for edge in shown],
        summary=_summary(shown, rows),
    )


def _summary(edges: list[Edge], rows: dict[int, Identity]) -> list[str]:
    """`joined:phone+wx_unionid`, each once; `single` when there was nothing to join."""
    codes: dict[str, None] = {}
    for edge in edges:
        pair = "+".join(sorted((rows[edge.a].namespace, rows[edge.b].namespace)))
        codes[f"{_state(edge)}:{pair}"] = None
    return list(codes) or ["single"]


def _state(edge: Edge) -> str:
    return "retracted" if edge.retracted_at else edge.state


def _node(row: Identity) -> EvidenceNode:
    masked = mask_identity(row.namespace, row.value)
    return EvidenceNode(
        id=row.pk,
        namespace=row.namespace,
        scope=row.scope,
        value_masked=masked,
        strength=row.strength,
        customer_id=row.customer_id,
        is_quarantined=row.is_quarantined,
        degree=row.degree,
    )


def _edge(edge: Edge) -> EvidenceEdge:
    return EvidenceEdge(
        id=edge.pk,
        a=edge.a,
        b=edge.b,
        evidence=edge.evidence,
        source=edge.source,
        strength=edge.strength,
        at=edge.at,
        state=_state(edge),
        reason=edge.retracted_reason if edge.retracted_at else edge.reason,
    )


@dataclass(frozen=True)
class ConflictRow:
    """kind: single_valued, limit, too_large, crowded or quarantined (then one side only)."""

    id: int
    kind: str
    at: datetime
    edge_id: int | None
    evidence: str
    source: str
    sides: list[SideRow]


def list_conflicts(actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[ConflictRow]:
    """What the rules refused to join, newest first."""
    require(actor, "customer:merge")
    found = ConflictEntry.objects.order_by("-id")
    if cursor:
        [last] = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found[: size + 1])
    page = rows[:size]
    edges = {e.pk: e for e in Edge.objects.filter(pk__in=[r.edge_id for r in page if r.edge_id])}
    ends = {end for edge in edges.values() for end in (edge.a, edge.b)}
    ends |= {row.identity_id for row in page if row.identity_id}
    sides = sides_of(ends)
    items = [_conflict(row, edges, sides) for row in page]
    return Page(items, encode_cursor(page[-1].pk) if len(rows) > size else None)


def _conflict(row: ConflictEntry, edges: dict[int, Edge], sides: dict[int, SideRow]) -> ConflictRow:
    edge = edges.get(row.edge_id) if row.edge_id else None
    ends = [edge.a, edge.b] if edge else [row.identity_id or 0]
    return ConflictRow(
        id=row.pk,
        kind=row.kind,
        at=row.at,
        edge_id=row.edge_id,
        evidence=edge.evidence if edge else "",
        source=edge.source if edge else "",
        sides=[sides[end] for end in ends if end in sides],
    )
