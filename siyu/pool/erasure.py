"""Erase a person: personal data goes, keyed hashes stay so that late facts find nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from siyu.core import rejected
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound
from siyu.kernel.identity import Identity
from siyu.pool import belongings, edges, sightings, tombstones
from siyu.pool.fields.models import FieldValue
from siyu.pool.memory import forget_everybody
from siyu.pool.merging import replay
from siyu.pool.models import Customer, PoisonEntry
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.regroup import Workspace
from siyu.pool.rows import among, execute, listed, stamp
from siyu.pool.ruling import deciding
from siyu.pool.sightings import Sighted

_TABLES = (
    *belongings.OWN_TABLES,
    "pool_relationchange",
    "pool_conflictentry",
    "pool_takentag",
)


def erase_customer(actor: Actor, customer_id: int, *, now: datetime) -> None:
    """Remove everything personal, in state here and wherever `belongings.on_erase` reaches."""
    require(actor, "customer:erase")
    with deciding():
        customer = current_customer_id(customer_id)
        require_visible(actor, customer)
        people = sightings.load_of_customers([customer])
        if not people:
            raise NotFound("customer.missing", "没有这位客户")
        ids = [node.id for node in people]
        strangers = _neighbours(ids)
        belongings.tell_erased(ids)
        rejected.forget_values(node.value for node in people)
        tombstones.bury(_identities(people), stamp(now))
        PoisonEntry.objects.filter(value__in=[node.value for node in people]).delete()
        _delete(ids)
        _blank(customer)
        if strangers:
            replay(Workspace(now, is_torn=True), strangers)
        forget_everybody()
        detail = {"identities": len(ids)}
        record_audit(actor, "erase_customer", f"customer:{customer}", now=now, detail=detail)


def _neighbours(ids: list[int]) -> set[int]:
    ends = {end for link in edges.load_around(ids) for end in (link.a, link.b)}
    return ends - set(ids)


def _identities(people: Iterable[Sighted]) -> list[Identity]:
    return [Identity(node.namespace, node.scope, node.value) for node in people]


def _delete(ids: list[int]) -> None:
    listing = listed(ids)
    execute(
        "DELETE FROM pool_conflictentry WHERE edge_id IN (SELECT id FROM pool_edge"  # noqa: S608
        f" WHERE {among('a')} OR {among('b')})",
        listing,
        listing,
    )
    execute(f"DELETE FROM pool_edge WHERE {among('a')} OR {among('b')}", listing, listing)  # noqa: S608
    for table in _TABLES:
        execute(f"DELETE FROM {table} WHERE {among('identity_id')}", listing)  # noqa: S608
    execute(f"DELETE FROM pool_identity WHERE {among('id')}", listing)  # noqa: S608


def _blank(customer: int) -> None:
    FieldValue.objects.filter(customer_id=customer).delete()
    Customer.objects.filter(pk=customer).update(
        name="", owner_staff="", stage=0, is_reachable=False, is_erased=True
    )
