"""Numbers of groups: joined and left by day, people in several groups, the platform's counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.scope import staff_scope
from siyu.groups.models import Group, OwnerDay, Stay
from siyu.groups.queries import visible_group, visible_groups
from siyu.groups.types import CodeCount, DayView, Duplicate, OwnerDayView
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, PlatformError, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool
from siyu.ports.groups import GroupDay

MAX_DAYS = 180
FIRST_DAYS = 30
OWNERS_PER_TURN = 10
COUNT_AFTER = time(4, 0)
_asked: dict[tuple[str, str], date] = {}


def days_of(actor: Actor, group_id: int | None, start: date, end: date) -> list[DayView]:
    """Who joined and left, one row a day in Shanghai; of one group or of all visible ones."""
    _check_span(start, end)
    stays = Stay.objects.filter(is_staff=False)
    if group_id:
        stays = stays.filter(group=visible_group(actor, group_id))
    else:
        stays = stays.filter(group__in=visible_groups(actor).values("pk"))
    joined, left = _by_day(stays, "joined_at", start, end), _by_day(stays, "left_at", start, end)
    morning = _midnight(start)
    members = stays.filter(joined_at__lt=morning).exclude(left_at__lt=morning).count()
    rows = []
    for day in _days(start, end):
        members += joined.get(day, 0) - left.get(day, 0)
        rows.append(
            DayView(day=day, joined=joined.get(day, 0), left=left.get(day, 0), members=members)
        )
    return rows


def code_days(states: Sequence[str], start: date, end: date) -> dict[str, list[CodeCount]]:
    """How many each group code (by its state) brought a day, and how many of them have left."""
    _check_span(start, end)
    rows = (
        _during(Stay.objects.filter(state__in=states, is_staff=False), "joined_at", start, end)
        .annotate(day=TruncDate("joined_at", tzinfo=SHANGHAI))
        .values("state", "day")
        .annotate(joined=Count("id"), left=Count("id", filter=Q(left_at__isnull=False)))
    )
    found: dict[str, list[CodeCount]] = defaultdict(list)
    for row in rows.order_by("day"):
        found[row["state"]].append(
            CodeCount(day=row["day"], joined=row["joined"], left=row["left"])
        )
    return found


def code_totals(states: Sequence[str]) -> dict[str, tuple[int, int]]:
    """(joined, still there) by state."""
    rows = (
        Stay.objects.filter(state__in=states, is_staff=False)
        .values("state")
        .annotate(n=Count("id"), present=Count("id", filter=Q(left_at__isnull=True)))
    )
    return {row["state"]: (row["n"], row["present"]) for row in rows}


def present_in(group_ids: Sequence[int]) -> set[int]:
    """The customers who are in one of these groups."""
    rows = Stay.objects.filter(group__in=group_ids, left_at__isnull=True)
    return {row for row in rows.values_list("customer_id", flat=True) if row is not None}


def joined_of(
    people: Sequence[int] | QuerySet[Any, Any], group_ids: Sequence[int], since: datetime
) -> set[int]:
    """Those of the people (customer ids, or a query of them) who joined one of these groups since
    then, or are in one."""
    rows = Stay.objects.filter(customer_id__in=people, group__in=group_ids)
    rows = rows.filter(Q(joined_at__gte=since) | Q(left_at__isnull=True))
    return {row for row in rows.values_list("customer_id", flat=True) if row is not None}


def list_duplicates(
    actor: Actor, cursor: str | None = None, limit: int = 50, *, account: str = ""
) -> Page[Duplicate]:
    """People in more than one living group, those in most groups first."""
    found = _duplicates(actor, account)
    if cursor:
        count, remote_id = decode_cursor(cursor, int, str)
        found = found.filter(Q(n__lt=count) | Q(n=count, remote_id__gt=remote_id))
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-n", "remote_id")[: size + 1])
    page = rows[:size]
    last = page[-1] if len(rows) > size else None
    following = encode_cursor(last["n"], last["remote_id"]) if last else None
    return Page(_named(actor, page), following)


def count_duplicates(actor: Actor, *, account: str = "") -> int:
    """How many people are in more than one living group."""
    return _duplicates(actor, account).count()


def stream_duplicates(actor: Actor, *, account: str = "") -> Iterator[Duplicate]:
    """All of them, page by page, so that memory stays flat."""
    cursor: str | None = None
    while True:
        page = list_duplicates(actor, cursor, MAX_LIMIT, account=account)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def owner_days(actor: Actor, start: date, end: date, owner: str = "") -> list[OwnerDayView]:
    """The platform's own counts, the latest day first, of the staff the actor sees."""
    require(actor, "group:read")
    _check_span(start, end)
    scope = staff_scope(actor)
    rows = OwnerDay.objects.filter(day__gte=start, day__lte=end)
    rows = rows if scope is None else rows.filter(scope.matches("owner"))
    rows = rows.filter(owner=owner) if owner else rows
    return [
        OwnerDayView(
            day=row.day,
            owner=row.owner,
            groups=row.groups,
            new_groups=row.new_groups,
            members=row.members,
            new_members=row.new_members,
            speakers=row.speakers,
            messages=row.messages,
        )
        for row in rows.order_by("-day", "owner")[: MAX_LIMIT * 10]
    ]


def count_owners(now: datetime) -> bool:
    """Fetch the platform's counts of yesterday for some owners; True when there may be more."""
    local = now.astimezone(SHANGHAI)
    if local.time() < COUNT_AFTER:
        return False
    yesterday = local.date() - timedelta(days=1)
    due = _due_owners(yesterday)[:OWNERS_PER_TURN]
    for account, owner, newest in due:
        _asked[account, owner] = yesterday
        try:
            _fetch(account, owner, newest or yesterday - timedelta(days=FIRST_DAYS), yesterday)
        except (PlatformError, NotFound):
            continue
    return bool(due)


def _due_owners(yesterday: date) -> list[tuple[str, str, date | None]]:
    newest = {
        (row["account"], row["owner"]): row["newest"]
        for row in OwnerDay.objects.values("account", "owner").annotate(newest=Max("day"))
    }
    owners = (
        Group.objects.filter(dismissed_at__isnull=True)
        .exclude(owner="")
        .values_list("account", "owner")
        .distinct()
    )
    return [
        (*key, newest.get(key))
        for key in sorted(owners)
        if (newest.get(key) or date.min) < yesterday and _asked.get(key) != yesterday
    ]


def _fetch(account: str, owner: str, after: date, yesterday: date) -> None:
    source = connector(account).groups
    if source is None:
        return
    found = source.fetch_days(owner, after + timedelta(days=1), yesterday)
    OwnerDay.objects.bulk_create(
        [_row(account, one) for one in found],
        update_conflicts=True,
        unique_fields=["account", "owner", "day"],
        update_fields=[
            "groups",
            "new_groups",
            "members",
            "new_members",
            "speakers",
            "messages",
        ],
    )


def _row(account: str, one: GroupDay) -> OwnerDay:
    return OwnerDay(
        account=account,
        owner=one.owner,
        day=one.day,
        groups=one.groups,
        new_groups=one.new_groups,
        members=one.members,
        new_members=one.new_members,
        speakers=one.speakers,
        messages=one.messages,
    )


def _duplicates(actor: Actor, account: str) -> QuerySet[Any, dict[str, Any]]:
    groups = visible_groups(actor).filter(dismissed_at__isnull=True)
    groups = groups.filter(account=account) if account else groups
    rows = (
        Stay.objects.filter(group__in=groups.values("pk"), is_staff=False, left_at__isnull=True)
        .values("remote_id", "group__account")
        .annotate(n=Count("group", distinct=True), person=Max("customer_id"), shown=Min("name"))
        .filter(n__gt=1)
    )
    return cast("QuerySet[Any, dict[str, Any]]", rows)


def _named(actor: Actor, rows: Sequence[dict[str, Any]]) -> list[Duplicate]:
    stays = Stay.objects.filter(
        remote_id__in=[row["remote_id"] for row in rows],
        left_at__isnull=True,
        group__in=visible_groups(actor).filter(dismissed_at__isnull=True).values("pk"),
    ).select_related("group")
    groups: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
    for stay in stays.order_by("joined_at"):
        group = stay.group
        groups[group.account, stay.remote_id].append((group.pk, group.name, group.owner))
    people = [row["person"] for row in rows if isinstance(row["person"], int)]
    mine = pool.visible_customer_ids(actor, people)
    names = pool.names_of(mine)
    return [_duplicate(row, groups, mine, names) for row in rows]


def _duplicate(
    row: dict[str, Any],
    groups: dict[tuple[str, str], list[tuple[int, str, str]]],
    mine: set[int],
    names: dict[int, str],
) -> Duplicate:
    person = row["person"] if isinstance(row["person"], int) and row["person"] in mine else None
    account, remote_id = str(row["group__account"]), str(row["remote_id"])
    return Duplicate(
        remote_id=remote_id,
        customer_id=person,
        name=names.get(person or 0, "") or str(row["shown"]),
        account=account,
        groups=groups[account, remote_id],
    )


def _by_day(stays: QuerySet[Stay], field: str, start: date, end: date) -> dict[date, int]:
    rows = (
        _during(stays, field, start, end)
        .annotate(day=TruncDate(field, tzinfo=SHANGHAI))
        .values("day")
        .annotate(n=Count("id"))
    )
    return {row["day"]: row["n"] for row in rows}


def _during(stays: QuerySet[Stay], field: str, start: date, end: date) -> QuerySet[Stay]:
    over = _midnight(end + timedelta(days=1))
    return stays.filter(**{f"{field}__gte": _midnight(start), f"{field}__lt": over})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _days(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def _check_span(start: date, end: date) -> None:
    if not 0 <= (end - start).days < MAX_DAYS:
        raise Refused("group.days", f"请选择最多 {MAX_DAYS} 天", field="start")
