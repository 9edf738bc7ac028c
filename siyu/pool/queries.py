"""Reads of the pool: what other slices and the API call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db.models import Q

from siyu.core.access import Actor
from siyu.kernel.errors import NotFound
from siyu.kernel.identity import Identity
from siyu.pool import tombstones
from siyu.pool.fields.queries import check_traits, custom_values_of, field_catalogue
from siyu.pool.listing import (
    count_customers,
    list_customers,
    row_of,
    set_segment_members,
    stream_customers,
    visible_customers,
)
from siyu.pool.models import (
    Consent,
    Customer,
    CustomerAlias,
    StageEntry,
    Tag,
    Trait,
)
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.models import Relation as RelationTable
from siyu.pool.rows import among, fetch, listed
from siyu.pool.staff import StaffCount, count_by_staff
from siyu.pool.stages import stage_name
from siyu.pool.types import (
    ConsentRow,
    CustomerProfile,
    IdentityRow,
    Relation,
    StageRow,
    TagRow,
    TraitRow,
)

__all__ = [
    "StaffCount",
    "carriers_of",
    "check_traits",
    "consent_of",
    "count_by_staff",
    "count_carriers",
    "count_carrying",
    "count_customers",
    "current_customer_id",
    "current_customer_ids",
    "custom_values_of",
    "erased_of",
    "field_catalogue",
    "find_customer",
    "get_customer",
    "identities_of",
    "list_customers",
    "list_tags",
    "names_of",
    "profile_values",
    "relations_of",
    "require_visible",
    "set_segment_members",
    "stream_customers",
    "visible_customer_ids",
    "visible_customers",
]


def current_customer_id(customer_id: int) -> int:
    """The id that stands for this customer today; ids resolve for ever."""
    return current_customer_ids([customer_id])[customer_id]


def current_customer_ids(customer_ids: Iterable[int]) -> dict[int, int]:
    """Today's id of each; an id nobody ever had stays itself."""
    ids = {row_id: row_id for row_id in customer_ids}
    sql = f"SELECT old_id, new_id FROM pool_customeralias WHERE {among('old_id')}"  # noqa: S608
    return ids | {row[0]: row[1] for row in fetch(sql, listed(ids))}


def visible_customer_ids(actor: Actor, customer_ids: Iterable[int]) -> set[int]:
    """Those of these living customers that the actor may see."""
    found = visible_customers(actor).extra(  # noqa: S610 - the text is ours, the ids a parameter
        where=[among("pool_customer.id")], params=[listed(set(customer_ids))]
    )
    return set(found.values_list("pk", flat=True))


def require_visible(actor: Actor, customer_id: int) -> None:
    """NotFound, the same for what is missing and what is not his to see."""
    if not visible_customer_ids(actor, [customer_id]):
        raise NotFound("customer.missing", "没有这位客户")


def get_customer(actor: Actor, customer_id: int) -> CustomerProfile:
    """Everything the pool knows of one customer; old ids answer with the one of today."""
    current = current_customer_id(customer_id)
    customer = visible_customers(actor).filter(pk=current).first()
    if customer is None:
        raise NotFound("customer.missing", "没有这位客户")
    return CustomerProfile(
        row=row_of(customer),
        identities=identities_of([current]).get(current, []),
        traits=traits_of(current),
        relations=relations_of([current]).get(current, []),
        consents=_consents(current),
        stages=_stages(current),
        merged_from=list(
            CustomerAlias.objects.filter(new_id=current)
            .order_by("old_id")
            .values_list("old_id", flat=True)
        ),
    )


def identities_of(
    customer_ids: Iterable[int], namespaces: Sequence[str] | None = None
) -> dict[int, list[IdentityRow]]:
    """Identities by customer, oldest first, with plain values. One query."""
    found = IdentityTable.objects.filter(customer_id__in=list(customer_ids)).order_by("id")
    if namespaces is not None:
        found = found.filter(namespace__in=list(namespaces))
    result: dict[int, list[IdentityRow]] = defaultdict(list)
    for row in found:
        result[row.customer_id].append(
            IdentityRow(
                id=row.pk,
                namespace=row.namespace,
                scope=row.scope,
                value=row.value,
                strength=row.strength,
                is_quarantined=row.is_quarantined,
                first_seen_at=row.first_seen_at,
                source=row.source,
                customer_id=row.customer_id,
            )
        )
    return dict(result)


def values_of(identity_ids: Iterable[int]) -> set[str]:
    """The values of these identities: phone numbers, ids of platforms."""
    rows = IdentityTable.objects.filter(pk__in=list(identity_ids))
    return set(rows.values_list("value", flat=True))


def identity_ids(values: Iterable[str], *, scope: str) -> set[int]:
    """The identities with these values inside one scope, as an account gives its own ids."""
    rows = IdentityTable.objects.filter(value__in=list(values), scope=scope)
    return set(rows.values_list("pk", flat=True))


def owners_of(identity_ids: Iterable[int]) -> set[int]:
    """The customers of these identities."""
    rows = IdentityTable.objects.filter(pk__in=list(identity_ids))
    return set(rows.values_list("customer_id", flat=True))


def erased_among(identities: Iterable[Identity]) -> set[Identity]:
    """Those of the identities whose person was erased and has not come back."""
    return set(tombstones.find_erased(identities))


def find_customer(identity: Identity) -> tuple[int, int] | None:
    """(customer_id, identity_id) of a known identity."""
    found = IdentityTable.objects.filter(
        value=identity.value, namespace=identity.namespace, scope=identity.scope
    ).values_list("customer_id", "id")
    return found.first()


def relations_of(customer_ids: Iterable[int]) -> dict[int, list[Relation]]:
    """Relations by customer, the newest first. One query."""
    known = Q(added_at__isnull=False) | Q(synced_at__isnull=False) | Q(lost_at__isnull=False)
    found = RelationTable.objects.filter(known, customer_id__in=list(customer_ids))
    result: dict[int, list[Relation]] = defaultdict(list)
    for row in found:
        result[row.customer_id].append(
            Relation(
                account=row.account,
                staff=row.staff,
                customer_id=row.customer_id,
                identity_id=row.identity_id,
                is_friend=row.is_friend,
                added_at=row.added_at or row.synced_at,
                lost_at=row.lost_at,
                state=row.state,
            )
        )
    for relations in result.values():
        relations.sort(key=lambda r: (r.added_at or r.lost_at, r.account, r.staff), reverse=True)
    return dict(result)


def consent_of(
    customer_ids: Iterable[int], *, channel: str, purpose: str
) -> dict[int, bool | None]:
    """What each customer said of a channel: the most restrictive word, None when silent."""
    return consents_of(customer_ids, {(channel, purpose)})[channel, purpose]


def consents_of(
    customer_ids: Iterable[int], kinds: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], dict[int, bool | None]]:
    """`consent_of` for many (channel, purpose), in one query."""
    ids = list(customer_ids)
    result: dict[tuple[str, str], dict[int, bool | None]] = {
        kind: dict.fromkeys(ids) for kind in kinds
    }
    rows = fetch(
        "SELECT customer_id, channel, purpose, is_granted FROM pool_consent"  # noqa: S608
        f" WHERE {among('customer_id')}",
        listed(ids),
    )
    for customer, told, of, is_granted in rows:
        for (channel, purpose), answers in result.items():
            if purpose == of and told in {channel, "*"}:
                answers[customer] = bool(is_granted) and answers[customer] is not False
    return result


def names_of(customer_ids: Iterable[int]) -> dict[int, str]:
    """Display names, "" where none is known."""
    found = Customer.objects.filter(pk__in=list(customer_ids)).values_list("pk", "name")
    return dict(found)


def erased_of(customer_ids: Iterable[int]) -> set[int]:
    """Those that were erased or are no customers (any more)."""
    ids = set(customer_ids)
    living = Customer.objects.filter(pk__in=ids, is_erased=False).values_list("pk", flat=True)
    return ids - set(living)


def profile_values(customer_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Template variables by customer; what is unknown is left out."""
    ids = list(customer_ids)
    result: dict[int, dict[str, Any]] = {row_id: {} for row_id in ids}
    for customer, field, value in (
        Trait.objects.filter(customer_id__in=ids)
        .order_by("at", "value")
        .values_list("customer_id", "field", "value")
    ):
        if value == "null":
            result[customer].pop(field, None)
        else:
            result[customer][field] = msgspec.json.decode(value)
    for who, told in custom_values_of(ids).items():
        result[who] |= told
    for row in Customer.objects.filter(pk__in=ids):
        values = {
            "name": row.name,
            "stage": stage_name(row.stage),
            "first_source": row.first_source,
            "first_platform": row.first_platform,
            "owner_staff": row.owner_staff,
            "order_count": row.order_count,
            "refund_count": row.refund_count,
            "revenue_fen": row.revenue_fen,
        }
        result[row.pk] |= {name: value for name, value in values.items() if value != ""}
    return result


def traits_of(customer_id: int) -> list[TraitRow]:
    """The latest value of each field, by field name."""
    latest: dict[str, TraitRow] = {}
    for row in Trait.objects.filter(customer_id=customer_id).order_by("field", "at", "value"):
        latest[row.field] = TraitRow(row.field, msgspec.json.decode(row.value), row.source, row.at)
    return [row for row in latest.values() if row.value is not None]


def list_tags() -> list[TagRow]:
    """All tags in use, by place and name of the group, and name."""
    rows = Tag.objects.filter(is_archived=False).select_related("group")
    placed = [
        (tag.group.position, TagRow(tag.pk, tag.name, tag.group.name, tag.group.color))
        for tag in rows
    ]
    return [row for _, row in sorted(placed, key=lambda one: (one[0], one[1].group, one[1].name))]


def carriers_of(tag_id: int, *, source: str, customer_ids: Iterable[int] | None = None) -> set[int]:
    """The customers (of these, or all) on whom `source` put a tag, showing or not."""
    where, wanted = "tag_id = %s AND source = %s", [tag_id, source]
    if customer_ids is not None:
        where, wanted = f"{where} AND {among('customer_id')}", [*wanted, listed(customer_ids)]
    rows = fetch(f"SELECT customer_id FROM pool_customertag WHERE {where}", *wanted)  # noqa: S608
    return {row[0] for row in rows}


def count_carriers(tag_id: int, *, source: str) -> int:
    """How many customers carry a tag, showing, by this source."""
    sql = (
        "SELECT COUNT(DISTINCT customer_id) FROM pool_customertag"
        " WHERE tag_id = %s AND source = %s AND is_active"
    )
    return int(fetch(sql, tag_id, source)[0][0])


def count_carrying(tag_id: int, customer_ids: Iterable[int]) -> int:
    """How many of these customers show a tag."""
    sql = (
        "SELECT COUNT(DISTINCT customer_id) FROM pool_customertag"  # noqa: S608
        f" WHERE tag_id = %s AND is_active AND {among('customer_id')}"
    )
    return int(fetch(sql, tag_id, listed(customer_ids))[0][0])


def _consents(customer_id: int) -> list[ConsentRow]:
    """Per channel and purpose, the most restrictive word and then the latest."""
    best: dict[tuple[str, str], ConsentRow] = {}
    for row in Consent.objects.filter(customer_id=customer_id).order_by("-is_granted", "at"):
        best[row.channel, row.purpose] = ConsentRow(
            row.channel, row.purpose, row.is_granted, row.source, row.at
        )
    return [best[key] for key in sorted(best)]


def _stages(customer_id: int) -> list[StageRow]:
    rows = StageEntry.objects.filter(customer_id=customer_id).order_by("stage", "-at")
    first = dict(rows.values_list("stage", "at"))
    return [StageRow(stage_name(stage), at) for stage, at in first.items()]
