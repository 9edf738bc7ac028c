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
from siyu.pool.rows import reserve_ids, resolving
from siyu.pool.rules import MANUAL
from siyu.pool.types import Move, customers_of


def merge_customers(
    actor: Actor, keep_id: int, other_id: int, *, reason: str, now: datetime
) -> int:
    """Declare two customers one person; the id that lives on (always the older one).

    Conflict when they are one already or the rules forbid it (too large, quarantined ids).
    """
    require(actor, "customer:merge")
    _check_reason(reason)
    with resolving():
        keep, other = current_customer_id(keep_id), current_customer_id(other_id)
        require_visible(actor, keep)
        require_visible(actor, other)
        if keep == other:
            raise Conflict("customer.same", "这已经是同一位客户")
        work = Workspace(now)
        ends = sorted(_spokesman(customer) for customer in (keep, other))
        _add_manual_edge(work, ends[0], ends[1], actor)
        moves = work.regroup()
        survivor = min(keep, other)
        if IdentityTable.objects.filter(pk__in=ends).exclude(customer_id=survivor).exists():
            raise Conflict("customer.merge_refused", "合并后身份过多或身份已被隔离, 不能合并")
        _conclude(work, moves)
        detail = {"keep": keep, "other": other, "reason": reason.strip()}
        record_audit(actor, "merge_customers", f"customer:{survivor}", now=now, detail=detail)
    return survivor


def retract_edge(actor: Actor, edge_id: int, *, reason: str, now: datetime) -> None:
    """Take back one piece of evidence; what only it held together falls apart again."""
    require(actor, "customer:merge")
    _check_reason(reason)
    with resolving():
        edge = EdgeTable.objects.filter(pk=edge_id).first()
        if edge is None:
            raise NotFound("edge.missing", "没有这条关联证据")
        for node in sightings.load_by_id((edge.a, edge.b)):
            require_visible(actor, node.customer_id)
        if edge.retracted_at is not None:
            raise Conflict("edge.retracted", "这条证据已经撤回")
        edge.retracted_at, edge.retracted_by = now, actor.name
        edge.retracted_reason = reason.strip()
        edge.save()
        edges.close_conflicts([edge_id])
        work = Workspace(now)
        moves = replay(work, {edge.a, edge.b})
        _conclude(work, moves)
        detail = {"a": edge.a, "b": edge.b, "reason": reason.strip()}
        record_audit(actor, "retract_edge", f"edge:{edge_id}", now=now, detail=detail)


def replay(work: Workspace, identity_ids: set[int]) -> list[Move]:
    """Count the neighbours of these identities again and recompute their customers."""
    work.nodes |= {node.id: node for node in sightings.load_by_id(identity_ids)}
    around = edges.load_around(identity_ids)
    ends = {end for link in around for end in (link.a, link.b)}
    strengths = {node.id: node.is_strong for node in sightings.load_by_id(ends)}
    neighbours: dict[int, set[int]] = {node_id: set() for node_id in work.nodes}
    for link in around:
        for one, other in ((link.a, link.b), (link.b, link.a)):
            if one in neighbours:
                neighbours[one].add(other)
    for node_id, others in neighbours.items():
        node = work.nodes[node_id]
        node.degree, node.strong_degree = len(others), sum(strengths[other] for other in others)
        node.is_changed, node.has_edges = True, bool(others)
    work.starts |= work.nodes.keys()
    return work.regroup()


def _add_manual_edge(work: Workspace, a: int, b: int, actor: Actor) -> None:
    work.nodes = {node.id: node for node in sightings.load_by_id((a, b))}
    work.starts = {a, b}
    source = f"user:{actor.name}"
    known = edges.load_between([(a, b)])
    for link in known:
        if (link.source, link.evidence) == (source, MANUAL):
            EdgeTable.objects.filter(pk=link.id).update(retracted_at=None)
            link.is_changed, link.at = True, to_ms(work.now)
            work.links[link.id] = link
            break
    else:
        [node_id] = reserve_ids(EdgeTable, 1)
        link = LoggedLink(node_id, a, b, MANUAL, to_ms(work.now), source, MANUAL)
        work.links[link.id] = link
        work.new_links.append(link)
    if all(link.is_retracted for link in known):
        for node, other in ((work.nodes[a], work.nodes[b]), (work.nodes[b], work.nodes[a])):
            node.degree += 1
            node.strong_degree += other.is_strong
            node.is_changed, node.has_edges = True, True


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


def _conclude(work: Workspace, moves: list[Move]) -> None:
    if work.is_upset:
        forget_everybody()
    touched = customers_of(moves)
    if touched:
        belongings.tell_changed(touched, work.now)


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > 200:
        raise Refused("reason.missing", "请写明原因, 不超过 200 字", field="reason")
