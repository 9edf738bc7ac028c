"""The review queue: a person looks at both sides and decides; every decision can be undone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import edges, poisoning
from siyu.pool.merging import check_reason, conclude, draw_edge, withdraw
from siyu.pool.models import ConflictEntry, Decision, Edge, Identity, PoisonEntry
from siyu.pool.queries import require_visible
from siyu.pool.regroup import Workspace
from siyu.pool.rules import APART, MANUAL, EdgeState
from siyu.pool.ruling import deciding


class Verdict(StrEnum):
    """merge: one person. apart: two people, whatever is told of them. block: a value is nobody's.

    For an identity in quarantine, `apart` leaves it there and closes the entry.
    """

    MERGE = "merge"
    APART = "apart"
    BLOCK = "block"


def decide_conflict(
    actor: Actor,
    conflict_id: int,
    verdict: Verdict,
    *,
    reason: str,
    now: datetime,
    identity_id: int | None = None,
) -> int:
    """Settle one entry of the queue; the decision's id.

    identity_id: whose value is nobody's, for `block`. Conflict when the rules forbid the merge.
    """
    require(actor, "customer:merge")
    if verdict is Verdict.BLOCK:
        require(actor, "customer:rules")
    check_reason(reason)
    with deciding():
        entry = ConflictEntry.objects.filter(pk=conflict_id).first()
        if entry is None:
            raise NotFound("conflict.missing", "这一条已经处理或不存在")
        edge = _edge_of(entry)
        sides = [edge.a, edge.b] if edge else [entry.identity_id or 0]
        for customer in Identity.objects.filter(pk__in=sides).values_list("customer_id", flat=True):
            require_visible(actor, customer)
        if verdict is Verdict.BLOCK:
            effect: int | None = _block(actor, sides, identity_id, reason, now)
        else:
            effect = _join_or_part(actor, edge, verdict, now)
        ConflictEntry.objects.filter(pk=conflict_id).delete()
        decision = Decision.objects.create(
            kind=entry.kind,
            edge_id=entry.edge_id,
            identity_id=entry.identity_id,
            verdict=verdict.value,
            reason=reason.strip(),
            effect_id=effect,
            by=actor.name,
            at=now,
        )
        detail = {"kind": entry.kind, "verdict": verdict.value, "reason": reason.strip()}
        record_audit(actor, "decide_conflict", f"decision:{decision.pk}", now=now, detail=detail)
    return decision.pk


def undo_decision(actor: Actor, decision_id: int, *, reason: str, now: datetime) -> None:
    """Take a decision back: its edge is retracted, its value free again, the entry open again."""
    require(actor, "customer:merge")
    check_reason(reason)
    with deciding():
        decision = Decision.objects.filter(pk=decision_id).first()
        if decision is None:
            raise NotFound("decision.missing", "没有这条裁决")
        if decision.undone_at is not None:
            raise Conflict("decision.undone", "这条裁决已经撤销")
        if decision.verdict == Verdict.BLOCK.value:
            require(actor, "customer:rules")
            poison = PoisonEntry.objects.filter(pk=decision.effect_id or 0).first()
            if poison is not None:
                poisoning.remove_entry(actor, poison, reason, now)
        elif decision.effect_id is not None:
            edge = Edge.objects.filter(pk=decision.effect_id, retracted_at=None).first()
            if edge is not None:
                withdraw(actor, edge, reason, now)
        _reopen(decision, now)
        decision.undone_at, decision.undone_by = now, actor.name
        decision.save()
        detail = {"verdict": decision.verdict, "reason": reason.strip()}
        record_audit(actor, "undo_decision", f"decision:{decision.pk}", now=now, detail=detail)


def _edge_of(entry: ConflictEntry) -> Edge | None:
    if entry.edge_id is None:
        return None
    edge = Edge.objects.filter(pk=entry.edge_id, retracted_at=None).first()
    if edge is None:
        raise NotFound("conflict.missing", "这一条已经处理或不存在")
    return edge


def _block(
    actor: Actor, sides: list[int], identity_id: int | None, reason: str, now: datetime
) -> int:
    wanted = sides[0] if identity_id is None and len(sides) == 1 else identity_id
    row = None
    if wanted is not None and wanted in sides:
        row = Identity.objects.filter(pk=wanted).first()
    if row is None:
        raise Refused("conflict.identity", "请选择要列入名单的一方", field="identity_id")
    entry = poisoning.add_entry(
        actor, row.namespace, row.value, is_pattern=False, reason=reason, now=now
    )
    return entry.pk


def _join_or_part(actor: Actor, edge: Edge | None, verdict: Verdict, now: datetime) -> int | None:
    if edge is None:
        if verdict is Verdict.MERGE:
            raise Refused("conflict.verdict", "被隔离的身份不能用来合并", field="verdict")
        return None
    work = Workspace(now)
    is_merge = verdict is Verdict.MERGE
    drawn = draw_edge(work, edge.a, edge.b, actor, MANUAL if is_merge else APART)
    conclude(work, work.regroup())
    if is_merge and work.nodes[edge.a].customer_id != work.nodes[edge.b].customer_id:
        raise Conflict(
            "customer.merge_refused",
            "不能合并: 合并后身份过多、身份已被隔离, 或有人判定他们不是同一人",
        )
    return drawn


def _reopen(decision: Decision, now: datetime) -> None:
    if decision.edge_id is not None:
        edge = Edge.objects.filter(pk=decision.edge_id, retracted_at=None).first()
        if edge and edge.state == EdgeState.REFUSED.value and edge.reason in edges.REVIEWED:
            ConflictEntry.objects.get_or_create(
                edge_id=edge.pk, defaults={"kind": edge.reason, "namespace": "", "at": now}
            )
    elif decision.identity_id is not None:
        row = Identity.objects.filter(pk=decision.identity_id, is_quarantined=True).first()
        if row is not None:
            ConflictEntry.objects.get_or_create(
                identity_id=row.pk,
                defaults={"kind": "quarantined", "namespace": row.namespace, "at": now},
            )
