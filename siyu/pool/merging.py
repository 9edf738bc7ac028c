"""Merge and unmerge by hand: an edge is added, or one is retracted, and the rules run again."""

from __future__ import annotations

from datetime import datetime

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import belongings, edges, sightings
from siyu.pool.edges import LoggedLink
from siyu.pool.memory import forget_everybody
from siyu.pool.models import Edge as EdgeTable
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.regroup import Workspace
from siyu.pool.rows import reserve_ids
from siyu.pool.rules import APART, MANUAL, EdgeState
from siyu.pool.ruling import deciding
from siyu.pool.types import Move, customers_of


def merge_customers(
    actor: Actor, keep_id: int, other_id: int, *, reason: str, now: datetime
) -> int:
    """Declare two customers one person; the id that lives on (always the older one).

    Conflict when they are one already or the rules forbid it (too large, quarantined ids).
    """
    require(actor, "customer:merge")
    check_reason(reason)
    with deciding():
        keep, other = current_customer_id(keep_id), current_customer_id(other_id)
        require_visible(actor, keep)
        require_visible(actor, other)
        if keep == other:
            raise Conflict("customer.same", "这已经是同一位客户")
        work = Workspace(now)
        ends = sorted(_spokesman(customer) for customer in (keep, other))
        draw_edge(work, ends[0], ends[1], actor)
        moves = work.regroup()
        survivor = min(keep, other)
        if IdentityTable.objects.filter(pk__in=ends).exclude(customer_id=survivor).exists():
            raise Conflict(
                "customer.merge_refused",
                "不能合并: 合并后身份过多、身份已被隔离, 或有人判定他们不是同一人",
            )
        conclude(work, moves)
        detail = {"keep": keep, "other": other, "reason": reason.strip()}
        record_audit(actor, "merge_customers", f"customer:{survivor}", now=now, detail=detail)
    return survivor


def retract_edge(actor: Actor, edge_id: int, *, reason: str, now: datetime) -> None:
    """Take back one piece of evidence; what only it held together falls apart again."""
    require(actor, "customer:merge")
    check_reason(reason)
    with deciding():
        edge = EdgeTable.objects.filter(pk=edge_id).first()
        if edge is None:
            raise NotFound("edge.missing", "没有这条关联证据")
        for node in sightings.load_by_id((edge.a, edge.b)):
            require_visible(actor, node.customer_id)
        if edge.retracted_at is not None:
            raise Conflict("edge.retracted", "这条证据已经撤回")
        withdraw(actor, edge, reason, now)
        detail = {"a": edge.a, "b": edge.b, "reason": reason.strip()}
        record_audit(actor, "retract_edge", f"edge:{edge_id}", now=now, detail=detail)


def withdraw(actor: Actor, edge: EdgeTable, reason: str, now: datetime) -> None:
    """Retract an edge and recompute, in the running transaction."""
    edge.retracted_at, edge.retracted_by = now, actor.name
    edge.retracted_reason = reason.strip()
    edge.save()
    edges.close_conflicts([edge.pk])
    work = Workspace(now, is_torn=edge.state == EdgeState.JOINED.value)
    conclude(work, replay(work, {edge.a, edge.b}))


def replay(work: Workspace, identity_ids: set[int]) -> list[Move]:
    """Count the neighbours of these identities again and recompute their customers."""
    work.nodes |= {node.id: node for node in sightings.load_by_id(identity_ids)}
    counts = edges.count_neighbours(work.nodes)
    for node_id, node in work.nodes.items():
        node.degree, node.strong_degree = counts.get(node_id, (0, 0))
        node.is_changed, node.has_edges = True, bool(node.degree)
    work.starts |= work.nodes.keys()
    return work.regroup()


def draw_edge(work: Workspace, a: int, b: int, actor: Actor, kind: str = MANUAL) -> int:
    """An edge by hand, `manual` or `apart`, in force from now; its id. Nothing is regrouped yet."""
    work.nodes = {node.id: node for node in sightings.load_by_id((a, b))}
    work.starts = {a, b}
    work.is_torn = kind == APART
    source = f"user:{actor.name}"[:160]
    known = edges.load_between([(a, b)])
    drawn = next((e for e in known if (e.source, e.evidence) == (source, kind)), None)
    if drawn is None:
        [edge_id] = reserve_ids(EdgeTable, 1)
        drawn = LoggedLink(edge_id, a, b, kind, to_ms(work.now), source, kind)
        drawn.state = APART if kind == APART else ""
        work.new_links.append(drawn)
    else:
        EdgeTable.objects.filter(pk=drawn.id).update(retracted_at=None)
        drawn.is_changed, drawn.at = True, to_ms(work.now)
    work.links[drawn.id] = drawn
    if kind == MANUAL and all(link.is_retracted or link.strength == APART for link in known):
        for node, other in ((work.nodes[a], work.nodes[b]), (work.nodes[b], work.nodes[a])):
            node.degree += 1
            node.strong_degree += other.is_strong
            node.is_changed = True
    for node in work.nodes.values():
        node.has_edges = True
    return drawn.id


def _spokesman(customer_id: int) -> int:
    """The identity that a manual edge hangs on: the oldest one that is not quarantined."""
    found = (
        IdentityTable.objects.filter(customer_id=customer_id, is_quarantined=False)
        .order_by("id")
        .values_list("pk", flat=True)
        .first()
    )
    if found is None:
        raise Conflict("customer.merge_refused", "这位客户的身份已被隔离, 不能合并")
    return found


def conclude(work: Workspace, moves: list[Move]) -> None:
    """After identities moved: other processes forget, other slices look again."""
    if work.is_upset:
        forget_everybody()
    touched = customers_of(moves)
    if touched:
        belongings.tell_changed(touched, work.now)


def check_reason(reason: str) -> None:
    """Refused unless there is a reason of at most 200 characters."""
    if not reason.strip() or len(reason) > 200:
        raise Refused("reason.missing", "请写明原因, 不超过 200 字", field="reason")
