"""Reads of groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from siyu.core.access import Actor, require
from siyu.core.scope import staff_scope
from siyu.groups.models import Group, Label, Stay, Welcome
from siyu.groups.types import GroupFilter, GroupRef, GroupView, MemberView, WelcomeView
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool

STAFF, CUSTOMER, OUTSIDER = "staff", "customer", "outsider"
MAX_TEXT = 64
MAX_NAMES = 2_000


def visible_groups(actor: Actor) -> QuerySet[Group]:
    """The groups an actor may see: those that staff of his scope own or are in."""
    require(actor, "group:read")
    scope = staff_scope(actor)
    if scope is None:
        return Group.objects.all()
    staying = Stay.objects.filter(
        scope.matches("remote_id", "group__account"), is_staff=True, left_at__isnull=True
    )
    return Group.objects.filter(scope.matches("owner") | Q(pk__in=staying.values("group_id")))


def list_groups(
    actor: Actor,
    filters: GroupFilter | None = None,
    cursor: str | None = None,
    limit: int = 50,
    *,
    now: datetime,
) -> Page[GroupView]:
    """A page of groups, the newest first."""
    found = _filtered(visible_groups(actor), filters or GroupFilter())
    size = max(1, min(limit, MAX_LIMIT))
    if cursor:
        found = found.filter(pk__lt=decode_cursor(cursor, int)[0])
    rows = list(found.order_by("-pk")[: size + 1])
    more = len(rows) > size
    views = views_of(rows[:size], now)
    return Page(views, encode_cursor(rows[size - 1].pk) if more else None)


def group_names(actor: Actor) -> list[tuple[int, str]]:
    """Groups that live, the newest first, as somebody may see them: (id, name); at most 2,000."""
    if not actor.may("group:read"):
        return []
    found = visible_groups(actor).filter(dismissed_at__isnull=True).order_by("-pk")
    rows = found.values_list("pk", "name", "remote_id")[:MAX_NAMES]
    return [(pk, name or remote) for pk, name, remote in rows]


def count_groups(actor: Actor, filters: GroupFilter | None = None) -> int:
    """How many groups the same list has."""
    return _filtered(visible_groups(actor), filters or GroupFilter()).count()


def get_group(actor: Actor, group_id: int, *, now: datetime) -> GroupView:
    """One group; NotFound when there is none or it is not his to see."""
    return views_of([visible_group(actor, group_id)], now)[0]


def visible_group(actor: Actor, group_id: int) -> Group:
    """The row of one group the actor may see; NotFound otherwise."""
    found = visible_groups(actor).filter(pk=group_id).first()
    if found is None:
        raise NotFound("group.unknown", "没有这个社群")
    return found


def refs_of(group_ids: Iterable[int]) -> dict[int, GroupRef]:
    """What is needed to send to these groups or lead into them."""
    return {row.pk: _ref(row) for row in Group.objects.filter(pk__in=list(group_ids))}


def refs_by_remote(account: str, remote_ids: Iterable[str]) -> dict[str, GroupRef]:
    """The same by the platform's ids, for one account."""
    rows = Group.objects.filter(account=account, remote_id__in=list(remote_ids))
    return {row.remote_id: _ref(row) for row in rows}


def names_of_staff(staff: Iterable[str]) -> dict[tuple[str, str], str]:
    """What these members of staff are called in the groups they are or were in, as last seen."""
    rows = Stay.objects.filter(is_staff=True, remote_id__in=list(staff)).exclude(name="")
    told = rows.order_by("pk").values_list("group__account", "remote_id", "name")
    return {(account, who): name for account, who, name in told}


def count_owned() -> dict[tuple[str, str], int]:
    """How many living groups each (account, member of staff) owns."""
    rows = Group.objects.filter(dismissed_at__isnull=True).exclude(owner="")
    counted = rows.values_list("account", "owner").annotate(count=Count("pk"))
    return {(account, owner): count for account, owner, count in counted}


def list_refs(actor: Actor, filters: GroupFilter | None = None) -> list[GroupRef]:
    """All groups of a filter, for audiences of group messages."""
    rows = _filtered(visible_groups(actor), filters or GroupFilter()).order_by("pk")
    return [_ref(row) for row in rows.iterator(chunk_size=MAX_LIMIT)]


def list_members(
    actor: Actor,
    group_id: int,
    *,
    is_present: bool = True,
    kind: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MemberView]:
    """Who is in a group, or who left it; the latest joined first. Names only of visible people."""
    group = visible_group(actor, group_id)
    found = Stay.objects.filter(group=group, left_at__isnull=is_present)
    found = found.filter(_KINDS[kind]) if kind in _KINDS else found
    if cursor:
        at, row_id = decode_cursor(cursor, str, int)
        when = datetime.fromisoformat(at)
        found = found.filter(Q(joined_at__lt=when) | Q(joined_at=when, pk__lt=row_id))
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-joined_at", "-pk")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    following = encode_cursor(last.joined_at.isoformat(), last.pk) if last else None
    return Page(_members(actor, rows[:size]), following)


def groups_of(customer_id: int) -> list[tuple[GroupRef, datetime]]:
    """The groups a customer is in now, with when he joined, the latest first."""
    rows = (
        Stay.objects.select_related("group")
        .filter(customer_id=customer_id, left_at__isnull=True)
        .order_by("-joined_at")
    )
    return [(_ref(row.group), row.joined_at) for row in rows]


def list_labels(actor: Actor) -> list[tuple[str, int]]:
    """Group labels in use with how many groups carry them."""
    rows = Label.objects.filter(group__in=visible_groups(actor)).values("name")
    return [(row["name"], row["n"]) for row in rows.annotate(n=Count("id")).order_by("name")]


def list_welcomes(actor: Actor) -> list[WelcomeView]:
    """Welcome words of groups, the newest first."""
    require(actor, "group:read")
    return [welcome_view(row) for row in Welcome.objects.order_by("-pk")]


def welcome_view(row: Welcome) -> WelcomeView:
    return WelcomeView(
        id=row.pk,
        account=row.account,
        name=row.name,
        text=row.text,
        attachment=row.attachment,
        owners=list(row.owners),
        created_at=row.created_at,
    )


def views_of(rows: Sequence[Group], now: datetime) -> list[GroupView]:
    """Groups with their counts, three queries for all of them."""
    ids = [row.pk for row in rows]
    counts, labels = _counts(ids, now), _labels(ids)
    return [_view(row, counts.get(row.pk, {}), labels.get(row.pk, [])) for row in rows]


_KINDS = {
    STAFF: Q(is_staff=True),
    CUSTOMER: Q(is_staff=False, customer_id__isnull=False),
    OUTSIDER: Q(is_staff=False, customer_id__isnull=True),
}


def _filtered(found: QuerySet[Group], filters: GroupFilter) -> QuerySet[Group]:
    if filters.account:
        found = found.filter(account=filters.account)
    if filters.owner:
        found = found.filter(owner=filters.owner)
    if filters.text:
        found = found.filter(name__icontains=filters.text[:MAX_TEXT])
    if filters.label:
        found = found.filter(labels__name=filters.label)
    if filters.is_dismissed is not None:
        found = found.filter(dismissed_at__isnull=not filters.is_dismissed)
    return found


def _counts(ids: Sequence[int], now: datetime) -> dict[int, dict[str, int]]:
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    present, outside = Q(left_at__isnull=True), Q(is_staff=False)
    rows = (
        Stay.objects.filter(group_id__in=ids)
        .values("group_id")
        .annotate(
            staff=Count("id", filter=present & Q(is_staff=True)),
            customers=Count("id", filter=present & _KINDS[CUSTOMER]),
            joined=Count("id", filter=outside & Q(joined_at__gte=midnight)),
            left=Count("id", filter=outside & Q(left_at__gte=midnight)),
        )
    )
    return {
        row["group_id"]: {
            "staff": row["staff"],
            "customers": row["customers"],
            "joined": row["joined"],
            "left": row["left"],
        }
        for row in rows
    }


def _labels(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Label.objects.filter(group_id__in=ids).order_by("name")
    for group_id, name in rows.values_list("group_id", "name"):
        found[group_id].append(name)
    return found


def _view(row: Group, counts: Mapping[str, int], labels: list[str]) -> GroupView:
    staff, customers = counts.get("staff", 0), counts.get("customers", 0)
    return GroupView(
        id=row.pk,
        account=row.account,
        platform=row.account.partition(":")[0],
        remote_id=row.remote_id,
        name=row.name,
        owner=row.owner,
        notice=row.notice,
        admins=list(row.admins),
        labels=labels,
        created_at=row.created_at,
        dismissed_at=row.dismissed_at,
        read_at=row.read_at,
        members=row.member_count,
        staff=staff,
        customers=customers,
        outsiders=max(0, row.customer_count - customers),
        joined_today=counts.get("joined", 0),
        left_today=counts.get("left", 0),
        error=row.error,
    )


def _ref(row: Group) -> GroupRef:
    return GroupRef(
        id=row.pk,
        account=row.account,
        remote_id=row.remote_id,
        name=row.name,
        owner=row.owner,
        members=row.member_count,
        is_dismissed=row.dismissed_at is not None,
    )


def _members(actor: Actor, rows: Sequence[Stay]) -> list[MemberView]:
    known = {row.customer_id for row in rows if row.customer_id is not None}
    mine = pool.visible_customer_ids(actor, known)
    names = pool.names_of(mine)
    return [
        MemberView(
            id=row.pk,
            kind=STAFF if row.is_staff else CUSTOMER if row.customer_id else OUTSIDER,
            remote_id=row.remote_id,
            customer_id=row.customer_id if row.customer_id in mine else None,
            name=names.get(row.customer_id or 0, "") or row.name,
            joined_at=row.joined_at,
            join_kind=row.join_kind,
            state=row.state,
            invitor=row.invitor,
            left_at=row.left_at,
            leave_kind=row.leave_kind,
        )
        for row in rows
    ]
