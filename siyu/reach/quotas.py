"""The quota ledger: what the platforms allow, what is used, and what other tools used of it.

Limits come from the manifests as dated rows and from `limits.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from siyu.core.writing import insert_rows
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import SiyuError
from siyu.pool import outreach
from siyu.pool import queries as pool
from siyu.ports.capabilities import Delivery, DeliveryState
from siyu.ports.manifest import Channel
from siyu.reach.catalog import Catalog, platform_of, quota_limit, quota_period, quota_reset
from siyu.reach.models import Attempt, ForeignTask, QuotaUse
from siyu.reach.types import QuotaState

log = structlog.get_logger("siyu.reach")

LOOK_BACK = timedelta(days=31)
LIST_EVERY = timedelta(minutes=30)
ASK_AGAIN = timedelta(minutes=30)
_TASKS_PER_TURN = 20
_listed: dict[tuple[str, str], datetime] = {}


def quotas_of_customer(customer_id: int, catalog: Catalog, now: datetime) -> list[QuotaState]:
    """What each platform still lets this customer receive, by channel; not what groups may get."""
    identities = pool.identities_of([customer_id]).get(customer_id, [])
    found: list[QuotaState] = []
    for account in catalog.accounts():
        scope = account.partition(":")[2]
        for channel in catalog.channels_of(account):
            for row in () if channel.is_for_groups else identities:
                if row.namespace == channel.address and row.scope in {scope, account, ""}:
                    found += _states(account, channel.name, str(row.id), catalog, now)
    return found


def _states(
    account: str, channel: str, subject: str, catalog: Catalog, now: datetime
) -> list[QuotaState]:
    day = now.astimezone(SHANGHAI).date().isoformat()
    found = []
    for quota in catalog.quotas_of(account, channel, day):
        if quota.per != "customer":
            continue
        period = quota_period(quota, now)
        use = QuotaUse.objects.filter(
            account=account, channel=channel, subject=subject, period=period
        ).first()
        found.append(
            QuotaState(
                account=account,
                channel=channel,
                limit=quota_limit(quota, now),
                used=use.used if use else 0,
                elsewhere=use.elsewhere if use else 0,
                resets_at=quota_reset(quota, now),
                source=quota.source,
            )
        )
    return found


def pull_foreign(catalog: Catalog, now: datetime) -> bool:
    """Count what other tools and people sent, each result once. True when there was any."""
    did = False
    for account in catalog.accounts():
        for channel in catalog.channels_of(account):
            if not channel.needs_staff or _listed.get((account, channel.name), now) > now:
                continue
            _listed[account, channel.name] = now + LIST_EVERY
            did = _list_tasks(catalog, account, channel, now) or did
    due = ForeignTask.objects.filter(next_at__lte=now).order_by("next_at")
    for task in due[:_TASKS_PER_TURN]:
        _count_task(catalog, task, now)
        did = True
    return did


def _list_tasks(catalog: Catalog, account: str, channel: Channel, now: datetime) -> bool:
    tasks = catalog.connector(account).staff_tasks
    if tasks is None:
        return False
    start = now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = max(start.astimezone(now.tzinfo), now - LOOK_BACK)
    try:
        found = list(tasks.list_tasks(channel.name, since, now))
    except SiyuError as error:
        log.warning("reach.foreign_failed", account=account, error=str(error))
        return False
    ids = {task.remote_id for task in found}
    ours = Attempt.objects.filter(account=account, remote_id__in=ids)
    foreign = ids - set(ours.values_list("remote_id", flat=True))
    rows = [
        ForeignTask(
            account=account,
            channel=channel.name,
            remote_id=task.remote_id,
            created_at=task.created_at,
            next_at=now,
        )
        for task in found
        if task.remote_id in foreign and not _may_be_ours(account, task.created_at)
    ]
    insert_rows(rows, ignore_conflicts=True)
    return bool(rows)


def _may_be_ours(account: str, created_at: datetime) -> bool:
    """A call of ours without an outcome yet may have made a task we do not know by its id."""
    around = (created_at - timedelta(minutes=5), created_at + timedelta(minutes=5))
    open_calls = Attempt.objects.filter(account=account, outcome__in=("", "unknown"))
    return open_calls.filter(started_at__range=around).exists()


def _count_task(catalog: Catalog, task: ForeignTask, now: datetime) -> None:
    """Add what members of staff have sent of a task since it was last looked at."""
    age = now - task.created_at
    later = None if age > LOOK_BACK else now + max(ASK_AGAIN, age / 8)
    try:
        connector = catalog.connector(task.account)
        tasks, sender = connector.staff_tasks, connector.senders[task.channel]
        if tasks is None:
            return
        states = list(tasks.list_staff(task.remote_id))
        fresh = [s.staff for s in states if s.is_confirmed and s.staff not in task.counted]
        results = [d for staff in fresh for d in sender.poll(task.remote_id, staff)]
    except (SiyuError, KeyError) as error:
        log.warning("reach.foreign_failed", account=task.account, error=str(error))
        ForeignTask.objects.filter(pk=task.pk).update(next_at=later)
        return
    is_over = all(state.is_confirmed for state in states)
    with transaction.atomic():
        held = ForeignTask.objects.filter(pk=task.pk, counted=task.counted)
        if held.update(counted=[*task.counted, *fresh], next_at=None if is_over else later):
            _spend(catalog, task, results)


def _spend(catalog: Catalog, task: ForeignTask, results: Sequence[Delivery]) -> None:
    done = [d for d in results if d.state is DeliveryState.DELIVERED]
    used = Counter[tuple[str, str]]()
    subjects = _subjects(catalog, task, {delivery.recipient for delivery in done})
    for delivery in done:
        at = delivery.at or task.created_at
        day = at.astimezone(SHANGHAI).date().isoformat()
        subject = subjects.get(delivery.recipient)
        for quota in catalog.quotas_of(task.account, task.channel, day):
            if quota.per == "customer" and subject:
                used[subject, quota_period(quota, at)] += 1
    rows = [
        QuotaUse(account=task.account, channel=task.channel, subject=subject, period=period)
        for subject, period in sorted(used)
    ]
    insert_rows(rows, ignore_conflicts=True)
    for (subject, period), count in used.items():
        QuotaUse.objects.filter(
            account=task.account, channel=task.channel, subject=subject, period=period
        ).update(used=F("used") + count, elsewhere=F("elsewhere") + count)


def _subjects(catalog: Catalog, task: ForeignTask, recipients: set[str]) -> Mapping[str, str]:
    """Whose quota each recipient's is: an identity of ours, or a group by its id."""
    for channel in catalog.channels_of(task.account):
        if channel.name != task.channel:
            continue
        if channel.is_for_groups:
            return {one: one[:32] for one in recipients}
        scope = task.account.partition(":")[2]
        known = outreach.identity_ids(channel.address, scope, recipients)
        return {value: str(identity) for value, identity in known.items()}
    return {}


def known_channels(catalog: Catalog) -> list[str]:
    """Channels whose platform counts what one customer receives."""
    platforms = {platform_of(account) for account in catalog.accounts()}
    return sorted(
        {
            quota.channel
            for name, manifest in catalog.manifests().items()
            if name in platforms
            for quota in manifest.quotas
        }
    )
