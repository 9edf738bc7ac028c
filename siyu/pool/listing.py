"""The customer list: filters, keyset pages, one query a page and one for what hangs on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from siyu.core.access import Actor, require
from siyu.core.scope import StaffScope, staff_scope
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.kernel.phones import normalise_phone
from siyu.pool.fields.catalogue import list_active
from siyu.pool.fields.queries import custom_values_of, text_for_filter
from siyu.pool.masking import mask_phone
from siyu.pool.models import (
    PHONE_TAIL,
    Customer,
    CustomerTag,
    FieldValue,
    Identity,
    Relation,
    phone_tail,
)
from siyu.pool.ownership_models import Ownership
from siyu.pool.rows import among, listed
from siyu.pool.stages import stage_name, stage_number
from siyu.pool.types import CustomerFilter, CustomerRow, TagRow

MAX_QUERY = 128
MAX_SAME_TAIL = 5_000
"""Phones with the same end that are looked at: of a million, some hundred have it."""
FEW_STAFF = 200
"""Up to so many staff their customers are looked up; for more, each customer is looked at."""
SegmentMembers = Callable[[int], Iterable[int]]
_segment_members: list[SegmentMembers] = []


def set_segment_members(members: SegmentMembers) -> None:
    """Tell how to find a segment's customers; the pool may not know segments itself."""
    _segment_members[:] = [members]


def visible_customers(actor: Actor) -> QuerySet[Customer]:
    """The living customers an actor may see: those who are, were or belong with his staff."""
    living = Customer.objects.filter(is_erased=False)
    scope = staff_scope(actor)
    if scope is None:
        return living
    if len(scope) <= FEW_STAFF:
        friends = Relation.objects.filter(scope.matches()).values("customer_id")
        owned = Ownership.objects.filter(scope.matches()).values("customer_id")
        return living.filter(pk__in=friends.union(owned))
    return living.filter(_has_any(Relation, scope) | _has_any(Ownership, scope))


def _has_any(kind: type[Relation | Ownership], scope: StaffScope) -> Exists:
    """Whether one of the customer's rows belongs to the scope.

    The columns are wrapped, lest a database goes through all staff of the scope by their index
    for every customer, who has a row or two.
    """
    own = kind._default_manager.filter(customer_id=OuterRef("pk")).annotate(
        who=Coalesce("staff", Value("")), whose=Coalesce("account", Value(""))
    )
    return Exists(own.filter(scope.matches("who", "whose")))


def list_customers(
    actor: Actor, filters: CustomerFilter, cursor: str | None = None, limit: int = 50
) -> Page[CustomerRow]:
    """A page, the latest seen first."""
    found = _filtered(actor, filters)
    if cursor:
        text, row_id = decode_cursor(cursor, str, int)
        at = _parse(text)
        found = found.filter(Q(last_seen_at__lt=at) | Q(last_seen_at=at, pk__lt=row_id))
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-last_seen_at", "-pk")[: size + 1])
    items = rows_of(rows[:size])
    if len(rows) <= size:
        return Page(items)
    last = rows[size - 1]
    return Page(items, encode_cursor(last.last_seen_at.isoformat(), last.pk))


def count_customers(actor: Actor, filters: CustomerFilter) -> int:
    """How many customers the same list has."""
    return _filtered(actor, filters).count()


def stream_customers(
    actor: Actor, filters: CustomerFilter, at_once: int = MAX_LIMIT
) -> Iterator[CustomerRow]:
    """All of them by id, page by page, so that memory stays flat. Refused before the first."""
    require(actor, "customer:export_own")
    return _pages(_filtered(actor, filters), at_once)


def _pages(found: QuerySet[Customer], at_once: int) -> Iterator[CustomerRow]:
    last = 0
    while True:
        rows = list(found.filter(pk__gt=last).order_by("pk")[:at_once])
        if not rows:
            return
        yield from rows_of(rows)
        last = rows[-1].pk


def row_of(customer: Customer) -> CustomerRow:
    """One customer as a row."""
    return rows_of([customer])[0]


def rows_of(customers: list[Customer]) -> list[CustomerRow]:
    """Customers as rows, with their phones (masked) and tags."""
    ids = [customer.pk for customer in customers]
    phones = _phones(ids)
    tags = tags_of(ids)
    listed_fields = [field for field in list_active() if field.is_listed]
    values = custom_values_of(ids, listed_fields) if listed_fields else {}
    return [
        CustomerRow(
            id=customer.pk,
            name=customer.name,
            phone_masked=mask_phone(phones[customer.pk]) if customer.pk in phones else "",
            stage=stage_name(customer.stage),
            platforms=[name for name in customer.platforms.split(",") if name],
            tags=tags.get(customer.pk, []),
            owner_staff=customer.owner_staff,
            first_source=customer.first_source,
            first_platform=customer.first_platform,
            order_count=customer.order_count,
            refund_count=customer.refund_count,
            revenue_fen=customer.revenue_fen,
            last_seen_at=customer.last_seen_at,
            created_at=customer.created_at,
            is_reachable=customer.is_reachable,
            is_erased=customer.is_erased,
            fields=values.get(customer.pk, {}),
        )
        for customer in customers
    ]


def tags_of(customer_ids: Iterable[int]) -> dict[int, list[TagRow]]:
    """Tags by customer, each once, by group and name."""
    found: dict[int, dict[int, TagRow]] = defaultdict(dict)
    rows = CustomerTag.objects.filter(
        customer_id__in=list(customer_ids), is_active=True
    ).values_list("customer_id", "tag_id", "tag__name", "tag__group__name", "tag__group__color")
    for customer, tag, name, group, color in rows:
        found[customer][tag] = TagRow(tag, name, group, color)
    return {
        customer: sorted(tags.values(), key=lambda tag: (tag.group, tag.name))
        for customer, tags in found.items()
    }


def _phones(customer_ids: list[int]) -> dict[int, str]:
    """The newest phone of each."""
    rows = (
        Identity.objects.filter(customer_id__in=customer_ids, namespace="phone")
        .order_by("id")
        .values_list("customer_id", "value")
    )
    return dict(rows)


def filtered_customers(actor: Actor, filters: CustomerFilter) -> QuerySet[Customer]:
    """The customers of a list, for work that goes through them by id."""
    return _filtered(actor, filters)


def _filtered(actor: Actor, filters: CustomerFilter) -> QuerySet[Customer]:
    require(actor, "customer:read")
    found = visible_customers(actor)
    if filters.q.strip():
        found = found.filter(_search(filters.q.strip(), is_anywhere=bool(filters.friends_of)))
    if filters.friends_of:
        account, staff = filters.friends_of
        own = Relation.objects.filter(account=account, staff=staff, is_friend=True)
        found = found.filter(pk__in=own.values("customer_id"))
    if filters.platform:
        found = found.filter(_in_list(filters.platform))
    if filters.stage:
        found = found.filter(stage=_stage(filters.stage))
    if filters.owner:
        found = found.filter(owner_staff=filters.owner)
    if filters.tag_id is not None:
        carried = CustomerTag.objects.filter(
            tag_id=filters.tag_id, is_active=True, customer_id=OuterRef("pk")
        )
        found = found.filter(Exists(carried))
    if filters.field:
        field, text = text_for_filter(filters.field, filters.value)
        told = FieldValue.objects.filter(field_id=field, text=text, customer_id=OuterRef("pk"))
        found = found.filter(Exists(told))
    if filters.segment_id is not None:
        members = _members(filters.segment_id)
        found = found.extra(  # noqa: S610 - the text is ours, the ids are a parameter
            where=[among("pool_customer.id")], params=[listed(members)]
        )
    return found


def _search(q: str, *, is_anywhere: bool = False) -> Q:
    """An exact phone or other identity, the last four digits of a phone, a customer id, or the
    beginning of a name (is_anywhere: any part of it)."""
    if len(q) > MAX_QUERY or "\x00" in q:
        raise Refused("customer.query", "搜索内容过长", field="q")
    values = {q, q.lower()}
    with suppress(Refused):
        values.add(normalise_phone(q))
    same = Identity.objects.filter(value__in=values).values_list("customer_id", flat=True)
    named = Q(name__icontains=q) if is_anywhere else Q(name__startswith=q)
    found = Q(pk__in=list(same[:MAX_LIMIT])) | named
    if q.isascii() and q.isdigit() and len(q) < 19:
        found |= Q(pk=int(q))
        if len(q) == PHONE_TAIL:
            found |= Q(pk__in=_ending_in(q))
    return found


def _ending_in(digits: str) -> list[int]:
    """Whose phone ends so: no more than a list shows of every phone anyway."""
    phones = Identity.objects.filter(namespace="phone").alias(tail=phone_tail())
    return list(phones.filter(tail=digits).values_list("customer_id", flat=True)[:MAX_SAME_TAIL])


def _in_list(platform: str) -> Q:
    names = "platforms"
    return (
        Q(**{names: platform})
        | Q(**{f"{names}__startswith": f"{platform},"})
        | Q(**{f"{names}__endswith": f",{platform}"})
        | Q(**{f"{names}__contains": f",{platform},"})
    )


def _stage(name: str) -> int:
    try:
        return stage_number(name)
    except KeyError as error:
        raise Refused("customer.stage", "没有这个阶段", field="stage") from error


def _members(segment_id: int) -> list[int]:
    if not _segment_members:
        raise NotFound("segment.missing", "没有这个人群", field="segment_id")
    members: Any = _segment_members[0](segment_id)
    return [int(row_id) for row_id in members]


def _parse(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("page.cursor", "翻页游标无效", field="cursor") from error
    if at.tzinfo is None:
        raise Refused("page.cursor", "翻页游标无效", field="cursor")
    return at
