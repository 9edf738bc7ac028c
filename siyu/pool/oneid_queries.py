"""Reads about rules, decisions and rebuilds."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db.models import Count

from siyu.core.access import Actor, require
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import ruling
from siyu.pool.masking import mask_identity
from siyu.pool.models import Customer, Decision, Edge, Identity, Rebuild, RuleVersion
from siyu.pool.oneid_types import DecisionRow, RebuildRow, RuleRow, SideRow, VersionRow

MAX_VERSIONS = 50


def list_rules(actor: Actor) -> list[RuleRow]:
    """Every namespace's rule in force, the one that stays in a conflict first."""
    require(actor, "customer:read")
    now = ruling.refresh()
    counts = dict(Identity.objects.values_list("namespace").annotate(n=Count("id")).order_by())
    return [
        RuleRow(
            name=rule.name,
            zh=rule.zh,
            en=rule.en,
            scope=rule.scope.value,
            strength=rule.strength.value,
            is_single_valued=rule.is_single_valued,
            limit=rule.limit,
            priority=rule.priority,
            max_degree=rule.max_degree,
            normaliser=rule.normaliser,
            blocked_patterns=list(rule.blocked_patterns),
            identities=counts.get(rule.name, 0),
            changed=sorted(msgspec.to_builtins(now.overrides.get(rule.name, ruling.Override()))),
        )
        for rule in ruling.all_rules(now)
    ]


def list_versions(actor: Actor) -> list[VersionRow]:
    """The latest changes of rules and poison list, the newest first."""
    require(actor, "customer:merge")
    return [
        VersionRow(row.pk, row.kind, msgspec.json.decode(row.overrides), row.reason, row.by, row.at)
        for row in RuleVersion.objects.order_by("-pk")[:MAX_VERSIONS]
    ]


def list_decisions(actor: Actor, cursor: str = "", limit: int = 50) -> Page[DecisionRow]:
    """What people decided, the newest first."""
    require(actor, "customer:merge")
    found = Decision.objects.order_by("-pk")
    if cursor:
        [last] = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found[: size + 1])
    page = rows[:size]
    edges = Edge.objects.in_bulk([row.edge_id for row in page if row.edge_id])
    ends = {row.pk: _ends(row, edges) for row in page}
    sides = sides_of(end for many in ends.values() for end in many)
    items = [
        DecisionRow(
            id=row.pk,
            kind=row.kind,
            verdict=row.verdict,
            reason=row.reason,
            by=row.by,
            at=row.at,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
            sides=[sides[end] for end in ends[row.pk] if end in sides],
        )
        for row in page
    ]
    return Page(items, encode_cursor(page[-1].pk) if len(rows) > size else None)


def _ends(row: Decision, edges: dict[int, Edge]) -> list[int]:
    edge = edges.get(row.edge_id) if row.edge_id else None
    if edge is not None:
        return [edge.a, edge.b]
    return [row.identity_id] if row.identity_id else []


def sides_of(identity_ids: Iterable[int]) -> dict[int, SideRow]:
    """Identities with their customers, by identity id. Three queries."""
    rows = list(Identity.objects.filter(pk__in=set(identity_ids)))
    ids = {row.customer_id for row in rows}
    customers = Customer.objects.in_bulk(ids)
    counts = dict(
        Identity.objects.filter(customer_id__in=ids)
        .values_list("customer_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    return {
        row.pk: _side(row, customers[row.customer_id], counts[row.customer_id])
        for row in rows
        if row.customer_id in customers
    }


def _side(row: Identity, customer: Customer, count: int) -> SideRow:
    return SideRow(
        identity_id=row.pk,
        namespace=row.namespace,
        value_masked=mask_identity(row.namespace, row.value),
        degree=row.degree,
        customer_id=customer.pk,
        name=customer.name,
        platforms=[name for name in customer.platforms.split(",") if name],
        order_count=customer.order_count,
        revenue_fen=customer.revenue_fen,
        identity_count=count,
        last_seen_at=customer.last_seen_at,
    )


def get_rebuild(actor: Actor, rebuild_id: int) -> RebuildRow:
    """One rebuild and how far it is."""
    require(actor, "customer:merge")
    row = Rebuild.objects.filter(pk=rebuild_id).first()
    if row is None:
        raise NotFound("rebuild.missing", "没有这次重算")
    return _rebuild(row)


def list_rebuilds(actor: Actor, limit: int = 20) -> list[RebuildRow]:
    """The latest rebuilds, the newest first."""
    require(actor, "customer:merge")
    return [_rebuild(row) for row in Rebuild.objects.order_by("-pk")[:limit]]


def _rebuild(row: Rebuild) -> RebuildRow:
    return RebuildRow(
        id=row.pk,
        is_preview=row.is_preview,
        state=row.state,
        progress=msgspec.json.decode(row.progress),
        report=msgspec.json.decode(row.report),
        reason=row.reason,
        by=row.by,
        at=row.at,
        ended_at=row.ended_at,
        overrides=msgspec.json.decode(row.overrides) if row.overrides is not None else None,
    )
