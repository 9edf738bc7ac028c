"""One message for very many: planned through the policy into the ledger by whole sets.

The checks are those of `rules.py` as far as they can be known ahead, in the same order: erased →
no_consent → no channel → platform_quota → frequency_cap. Quiet hours, texts and everything that
may change are judged again, one by one, at the moment of sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.pool import outreach
from siyu.pool.absence import absent_staff
from siyu.pool.rows import execute, fetch, is_postgres, stamp
from siyu.ports.manifest import Channel, Quota
from siyu.reach.catalog import Catalog, is_windowed, quota_limit, quota_period
from siyu.reach.ledger import keep_wording
from siyu.reach.models import Touch
from siyu.reach.policy import get_policy
from siyu.reach.types import (
    COUNTED_STATES,
    IN_WAVE,
    MARKETING,
    NOBODY,
    STAFF_LEFT,
    Cohort,
    CohortCount,
    GroupTarget,
    TouchState,
)

CHUNK = 50_000
"""Customers planned by one statement; memory does not grow with the cohort."""
_ENTRY = "wave"
Sql = tuple[str, list[Any]]


def plan_cohort(
    cohort: Cohort, customer_ids: Sequence[int], catalog: Catalog, now: datetime
) -> int:
    """Put a message to each of these customers into the ledger; how many are new there.

    Those the policy leaves out are `suppressed` with its reason. Idempotent; at most `CHUNK`
    customers, in the caller's transaction. Nothing is sent before `open_waves`.
    """
    decided, values = _decided(cohort, customer_ids, catalog, now)
    fixed = _fixed(cohort, now)
    columns = [*fixed, "planned_for", "customer_id", "identity_id", "sender", "address"]
    columns += ["reason", "state", "done_at"]
    marks = [_mark(name) for name in fixed]
    chosen = "d.customer_id, d.customer_id, d.identity_id, COALESCE(d.sender, '')"
    end = f"CASE WHEN d.reason = '' THEN NULL ELSE {_mark('done_at')} END"
    state = "CASE WHEN d.reason = '' THEN 'planned' ELSE 'suppressed' END"
    sql = (
        f"INSERT INTO reach_touch ({', '.join(columns)}) {decided}"  # noqa: S608 - names of ours
        f" SELECT {', '.join(marks)}, {chosen}, COALESCE(d.address, ''), d.reason, {state}, {end}"
        " FROM decided d WHERE TRUE ON CONFLICT DO NOTHING"
    )
    return execute(sql, *values, *fixed.values(), stamp(now))


def count_cohort(
    cohort: Cohort, customer_ids: Sequence[int], catalog: Catalog, now: datetime
) -> CohortCount:
    """What `plan_cohort` would do with these customers now."""
    decided, values = _decided(cohort, customer_ids, catalog, now)
    rows = fetch(
        f"{decided} SELECT d.reason, COALESCE(d.sender, ''), d.room, COUNT(*)"  # noqa: S608
        " FROM decided d GROUP BY 1, 2, 3",
        *values,
    )
    reasons: Counter[str] = Counter()
    senders: Counter[str] = Counter()
    left: Counter[int | None] = Counter()
    for reason, sender, room, count in rows:
        reasons[reason] += count
        if not reason:
            senders[sender] += count
            left[None if room is None else max(0, int(room))] += count
    return CohortCount(reasons.pop("", 0), dict(reasons), dict(senders), dict(left))


def add_counts(counts: Iterable[CohortCount]) -> CohortCount:
    """Counts of several parts of one cohort as one."""
    reasons: Counter[str] = Counter()
    senders: Counter[str] = Counter()
    left: Counter[int | None] = Counter()
    allowed = 0
    for count in counts:
        allowed += count.allowed
        reasons.update(count.reasons)
        senders.update(count.senders)
        left.update(count.left)
    return CohortCount(allowed, dict(reasons), dict(senders), dict(left))


def plan_groups(
    cohort: Cohort, groups: Sequence[GroupTarget], catalog: Catalog, now: datetime
) -> int:
    """As `plan_cohort` for whole groups, each written to by its owner."""
    channel = _channel(catalog, cohort)
    wording = keep_wording(cohort.template, cohort.attachments)
    left = absent_staff(cohort.account)
    rows = [
        Touch(
            campaign=cohort.campaign,
            version=cohort.version,
            step=cohort.step,
            entry_key=group.chat,
            planned_for=NOBODY,
            customer_id=NOBODY,
            channel_kind=channel.name,
            channel=channel.name,
            account=cohort.account,
            sender=group.owner,
            address=group.chat,
            context={"name": group.name},
            purpose=cohort.purpose,
            wording_id=wording,
            priority=IN_WAVE,
            state=TouchState.SUPPRESSED if _why_not(group, left) else TouchState.PLANNED,
            reason=_why_not(group, left),
            planned_at=now,
            due_at=cohort.due_at,
            next_at=cohort.due_at,
            expires_at=cohort.expires_at,
            done_at=now if _why_not(group, left) else None,
        )
        for group in groups
    ]
    before = Touch.objects.filter(campaign=cohort.campaign).count()
    Touch.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return Touch.objects.filter(campaign=cohort.campaign).count() - before


def count_groups(account: str, groups: Sequence[GroupTarget]) -> CohortCount:
    """What `plan_groups` would do with these groups now."""
    left = absent_staff(account)
    reasons = Counter(_why_not(group, left) for group in groups)
    senders = Counter(group.owner for group in groups if not _why_not(group, left))
    free = reasons.pop("", 0)
    return CohortCount(free, dict(reasons), dict(senders), {None: free})


def _why_not(group: GroupTarget, leavers: Collection[str]) -> str:
    """Why nobody can write to a group; "" when its owner can."""
    if not group.owner:
        return "no_owner"
    return STAFF_LEFT if group.owner in leavers else ""


def _decided(cohort: Cohort, customer_ids: Sequence[int], catalog: Catalog, now: datetime) -> Sql:
    """`decided(customer_id, identity_id, sender, address, reason, room)`, one row each.

    One pass over the customers: each looks up its own rows by index, nothing is joined as a
    whole, so the cost grows with the cohort and with nothing else.
    """
    channel = _channel(catalog, cohort)
    wanted, wanted_values = outreach.wanted(customer_ids)
    people, _ = outreach.people()
    routes, route_values = _routes(cohort, channel, now)
    ranked, ranked_values = _ranked(cohort)
    refuses, refuse_values = outreach.refuses("k.customer_id", cohort.channel, cohort.purpose)
    heard, heard_values = _heard(cohort, now)
    room, joins, join_values = _room(cohort, _quotas(catalog, cohort, now), now)
    closed = "window_closed" if is_windowed(channel) else "not_friend"
    reason = (
        f"CASE WHEN k.is_gone THEN 'erased' WHEN {refuses} THEN 'no_consent'"
        " WHEN k.identity_id IS NULL THEN 'no_channel'"
        f" WHEN NOT k.is_open THEN '{closed}' WHEN NOT k.is_chosen THEN 'other_staff'"
        f" WHEN k.has_left THEN '{STAFF_LEFT}'"
        f" WHEN k.address IS NULL THEN 'no_address' WHEN {room} <= 0 THEN 'platform_quota'"
        f" WHEN {heard} THEN 'frequency_cap' ELSE '' END"
    )
    sql = (
        f"WITH {wanted}, {people}, {routes}, {ranked}, decided AS MATERIALIZED"  # noqa: S608
        f" (SELECT k.customer_id, k.identity_id, k.sender, k.address, {reason} AS reason,"
        f" {room} AS room FROM ranked k{joins} WHERE k.place = 1)"
    )
    values = [*wanted_values, *route_values, *ranked_values]
    return sql, [*values, *refuse_values, *heard_values, *join_values]


def _routes(cohort: Cohort, channel: Channel, now: datetime) -> Sql:
    """`routes(customer_id, owner, is_gone, identity_id, sender, address, is_open, since)`."""
    head = "routes AS (SELECT p.customer_id, p.owner, p.is_gone, "
    if not is_windowed(channel):
        joins, values = outreach.join_friends(cohort.account, channel.address)
        return f"{head}{outreach.FRIEND_COLUMNS} FROM people p{joins})", values
    joins, values = outreach.join_addresses(channel.address)
    columns = (
        "x.identity_id, '' AS sender, i.value AS address,"
        " (x.until > %s AND COALESCE(x.remaining, 1) > 0) AS is_open, x.opened_at AS since"
    )
    windows = (
        " LEFT JOIN reach_window x ON x.identity_id = i.id AND x.channel = %s AND x.account = %s"
    )
    return (
        f"{head}{columns} FROM people p{joins}{windows})",
        [stamp(now), *values, cohort.channel, cohort.account],
    )


def _ranked(cohort: Cohort) -> Sql:
    """`ranked`: of each customer's routes the first to take: open, by a chosen sender,
    one who is still there, the owner's, the newest."""
    chosen, left = list(cohort.staff), sorted(absent_staff(cohort.account))
    is_chosen = f"c.sender IN ({_marks(chosen)})" if chosen else "TRUE"
    has_left = f"c.sender IN ({_marks(left)})" if left else "FALSE"
    order = (
        "CASE WHEN r.is_open THEN 0 ELSE 1 END, CASE WHEN r.is_chosen THEN 0 ELSE 1 END,"
        " CASE WHEN r.has_left THEN 1 ELSE 0 END,"
        " CASE WHEN r.sender = r.owner THEN 0 ELSE 1 END, r.since DESC, r.identity_id, r.sender"
    )
    return (
        "ranked AS (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY r.customer_id"  # noqa: S608
        f" ORDER BY {order}) AS place"
        f" FROM (SELECT c.*, ({is_chosen}) AS is_chosen, ({has_left}) AS has_left"
        " FROM routes c) r)"
    ), [*chosen, *left]


def _marks(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values))


def _heard(cohort: Cohort, now: datetime) -> Sql:
    """Whether a customer heard from us as often as the policy allows."""
    policy = get_policy()
    if cohort.purpose != MARKETING:
        return "FALSE", []
    states = ", ".join(f"'{state.value}'" for state in COUNTED_STATES)
    return (
        "(SELECT COUNT(*) FROM reach_touch t WHERE t.customer_id = k.customer_id"  # noqa: S608
        f" AND t.purpose = 'marketing' AND t.state IN ({states}) AND t.reserved_at > %s)"
        f" >= {int(policy.cap_count)}"
    ), [stamp(now - timedelta(days=policy.cap_days))]


def _room(cohort: Cohort, quotas: Sequence[Quota], now: datetime) -> tuple[str, str, list[Any]]:
    """How many messages each customer may still get, and the joins it needs."""
    if not quotas:
        return "CAST(NULL AS integer)", "", []
    terms: list[str] = []
    joins: list[str] = []
    values: list[Any] = []
    for number, quota in enumerate(quotas):
        name = f"u{number}"
        terms.append(f"({quota_limit(quota, now)} - COALESCE({name}.used, 0))")
        joins.append(
            f" LEFT JOIN reach_quotause {name} ON {name}.account = %s AND {name}.channel = %s"
            f" AND {name}.period = %s AND {name}.subject = CAST(k.identity_id AS text)"
        )
        values += [cohort.account, cohort.channel, quota_period(quota, now)]
    least = terms[0] if len(terms) == 1 else _least(terms)
    return least, "".join(joins), values


def _least(terms: Sequence[str]) -> str:
    return f"{'LEAST' if is_postgres() else 'MIN'}({', '.join(terms)})"


def _quotas(catalog: Catalog, cohort: Cohort, now: datetime) -> list[Quota]:
    day = now.astimezone(SHANGHAI).date().isoformat()
    offered = catalog.quotas_of(cohort.account, cohort.channel, day)
    return [quota for quota in offered if quota.per == "customer"]


def _channel(catalog: Catalog, cohort: Cohort) -> Channel:
    for channel in catalog.channels_of(cohort.account):
        if channel.name == cohort.channel:
            return channel
    raise NotFound("reach.channel", f"账号 {cohort.account} 没有渠道 {cohort.channel}")


def _fixed(cohort: Cohort, now: datetime) -> dict[str, Any]:
    """Columns that are the same for everybody, as raw SQL parameters."""
    return {
        "campaign": cohort.campaign,
        "version": cohort.version,
        "step": cohort.step,
        "entry_key": _ENTRY,
        "channel_kind": cohort.channel,
        "channel": cohort.channel,
        "account": cohort.account,
        "purpose": cohort.purpose,
        "wording_id": keep_wording(cohort.template, cohort.attachments),
        "priority": IN_WAVE,
        "context": "{}",
        "text": "",
        "planned_at": stamp(now),
        "due_at": stamp(cohort.due_at),
        "next_at": stamp(cohort.due_at),
        "expires_at": stamp(cohort.expires_at),
        "lease": "",
        "lease_until": 0,
        "tries": 0,
        "quota_ids": "[]",
    }


def _mark(column: str) -> str:
    """A parameter of the type of a column of the ledger."""
    if not is_postgres():
        return "%s"
    kinds = {field.column: field.rel_db_type(connection) for field in Touch._meta.concrete_fields}
    return f"%s::{kinds[column]}"
