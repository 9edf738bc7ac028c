"""How a campaign stands, layer by layer, and what can still be done with its tasks.

The layers are never mixed: our plan (states before `handed`), the platform's task (`handed`,
`accepted`), the sender's confirmation (`Attempt.confirmed_at`), each customer's result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from siyu.kernel.errors import PlatformRefused
from siyu.pool import queries as pool
from siyu.ports.capabilities import Delivery
from siyu.reach.catalog import Catalog
from siyu.reach.ledger import end_unconfirmed
from siyu.reach.models import Attempt, Touch, Wave
from siyu.reach.types import NOBODY, CampaignState, SenderRow, TouchState

log = structlog.get_logger("siyu.reach")

REMINDERS_PER_DAY = 3
_TASKS_PER_TURN = 50
_PAGE = 1_000
_IN_TASKS = (TouchState.ACCEPTED, TouchState.DELIVERED)
Result = tuple[int, str, str, str, str, str, datetime | None, datetime | None]
"""customer_id, name, account, sender, state, reason, handed_at, done_at"""


def campaign_state(campaign: str) -> CampaignState:
    """The counts of one campaign, in some scans of its own rows."""
    states: dict[str, int] = defaultdict(int)
    reasons: dict[str, int] = defaultdict(int)
    grouped = Touch.objects.filter(campaign=campaign).order_by().values_list("state", "reason")
    for state, reason, count in grouped.annotate(count=Count("id")):
        states[state] += count
        if reason and state != TouchState.DELIVERED:
            reasons[reason] += count
    calls = Attempt.objects.filter(campaign=campaign, outcome="accepted").aggregate(
        calls=Count("id"),
        total=Sum("size"),
        confirmed=Sum("size", filter=Q(confirmed_at__isnull=False)),
    )
    waves = Wave.objects.filter(campaign=campaign, next_at__isnull=False).aggregate(
        count=Count("id"), last=Max("next_at")
    )
    return CampaignState(
        states=dict(states),
        reasons=dict(sorted(reasons.items(), key=lambda pair: -pair[1])),
        in_tasks=calls["total"] or 0,
        confirmed=calls["confirmed"] or 0,
        calls=calls["calls"],
        waves=waves["count"],
        ends_at=waves["last"],
    )


def has_doubts(campaign: str) -> bool:
    """Whether a call is under way, or nobody knows yet what came of one."""
    calls = Attempt.objects.filter(campaign=campaign)
    return calls.filter(Q(outcome="") | Q(outcome="unknown", settle_at__isnull=False)).exists()


def senders_of(campaign: str) -> list[SenderRow]:
    """How far each sender is, those with most left to confirm first."""
    states: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reasons: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    grouped = Touch.objects.filter(campaign=campaign).exclude(account="").order_by()
    for account, sender, state, reason, count in grouped.values_list(
        "account", "sender", "state", "reason"
    ).annotate(count=Count("id")):
        states[account, sender][state] += count
        if reason:
            reasons[account, sender][reason] += count
    tasks = (
        Attempt.objects.filter(campaign=campaign, outcome="accepted")
        .order_by()
        .values_list("account", "sender")
        .annotate(
            tasks=Count("id"),
            confirmed=Count("confirmed_at"),
            cancelled=Count("cancelled_at"),
            reminders=Max("reminders"),
            last=Max("confirmed_at"),
        )
    )
    told = {(row[0], row[1]): row[2:] for row in tasks}
    rows = [
        SenderRow(*key, dict(found), dict(reasons[key]), *told.get(key, ()))
        for key, found in states.items()
        if key[1] or key in told
    ]
    return sorted(rows, key=lambda row: (-row.states.get("accepted", 0), row.account, row.sender))


def results_of(campaign: str) -> Iterator[Result]:
    """Every touch of a campaign, some hundred in memory at a time."""
    last = 0
    rows = Touch.objects.filter(campaign=campaign).order_by("id")
    while some := list(rows.filter(pk__gt=last)[:_PAGE]):
        names = pool.names_of({row.customer_id for row in some})
        for row in some:
            name = names.get(row.customer_id) or str(row.context.get("name", ""))
            yield (
                row.customer_id,
                name,
                row.account,
                row.sender,
                row.state,
                row.reason,
                row.handed_at,
                row.done_at,
            )
        last = some[-1].pk


def missed_reasons(campaign: str) -> dict[str, int]:
    """Why people or groups surely got nothing of a campaign → how many; the most first."""
    rows = _missed(campaign).order_by().values_list("reason").annotate(count=Count("id"))
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def missed_by(campaign: str, reasons: Collection[str]) -> tuple[set[int], set[str]]:
    """Who surely got nothing for one of these reasons: customers, and the addresses of groups."""
    rows = _missed(campaign).filter(reason__in=list(reasons))
    groups = rows.filter(customer_id=NOBODY).values_list("address", flat=True)
    people = rows.exclude(customer_id=NOBODY).values_list("customer_id", flat=True)
    return set(people.iterator()), set(groups)


def _missed(campaign: str) -> QuerySet[Touch]:
    """Touches that ended without arriving; not those nobody can tell of, nor a customer's who was
    joined with somebody who got it."""
    mine = Touch.objects.filter(campaign=campaign)
    ended = (TouchState.EXPIRED, TouchState.SUPPRESSED, TouchState.FAILED)
    got = mine.exclude(state__in=ended).exclude(customer_id=NOBODY)
    return mine.filter(state__in=ended).exclude(customer_id__in=got.values("customer_id"))


def remind_senders(campaign: str, asked_at: datetime, catalog: Catalog, now: datetime) -> int:
    """Remind who has not confirmed since `asked_at`, some tasks a turn; how many were looked at.

    The platform takes three reminders of a task in 24 hours; more are not even tried.
    """
    due = _unconfirmed(campaign).exclude(reminded_at__gte=asked_at)[:_TASKS_PER_TURN]
    looked_at = 0
    for attempt in due:
        looked_at += 1
        is_new_day = attempt.reminded_at is None or now - attempt.reminded_at >= timedelta(days=1)
        count = 0 if is_new_day else attempt.reminders
        if count < REMINDERS_PER_DAY:
            tasks = catalog.connector(attempt.account).staff_tasks
            if tasks is None:
                return 0
            try:
                tasks.remind(attempt.remote_id)
            except PlatformRefused as error:
                log.info("reach.remind_refused", attempt=attempt.pk, code=error.code)
            count += 1
        Attempt.objects.filter(pk=attempt.pk).update(reminded_at=now, reminders=count)
    return looked_at


def cancel_tasks(campaign: str, catalog: Catalog, now: datetime) -> int:
    """Take unconfirmed tasks back from their senders, some a turn; how many were looked at.

    What a sender confirms in the same moment stays sent: the results are asked for once more
    before anything is written as cancelled. Raises when the platform cannot be asked now.
    """
    looked_at = 0
    for attempt in _unconfirmed(campaign).filter(cancelled_at=None)[:_TASKS_PER_TURN]:
        if catalog.connector(attempt.account).staff_tasks is None:
            break
        looked_at += 1
        is_withdrawn, results = withdraw(attempt, catalog)
        unconfirmed = [d.recipient for d in results if d.reason == "not_confirmed"]
        _write_cancelled(attempt, unconfirmed if is_withdrawn else [], now)
    return looked_at


def withdraw(attempt: Attempt, catalog: Catalog) -> tuple[bool, Sequence[Delivery]]:
    """Take a task from those who have not confirmed; whether it is gone, and everybody's result.

    Of a task the platform does not know any more, nothing. Raises the PlatformError family when the platform cannot be asked now.
    """
    tasks = catalog.connector(attempt.account).staff_tasks
    is_withdrawn = False
    if tasks is not None and attempt.remote_id:
        try:
            tasks.cancel(attempt.remote_id)
            is_withdrawn = True
        except PlatformRefused as error:
            log.info("reach.cancel_refused", attempt=attempt.pk, code=error.code)
    sender = catalog.sender(attempt.account, attempt.channel)
    try:
        return is_withdrawn, sender.poll(attempt.remote_id, attempt.sender)
    except PlatformRefused as error:
        log.info("reach.poll_refused", attempt=attempt.pk, code=error.code)
        return False, ()


def _write_cancelled(attempt: Attempt, addresses: list[str], now: datetime) -> None:
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(cancelled_at=now)
        waiting = Touch.objects.filter(attempt_id=attempt.pk, state=TouchState.ACCEPTED)
        ended = waiting.filter(address__in=addresses)
        end_unconfirmed(ended, TouchState.SUPPRESSED, "taken_back", now)


def _unconfirmed(campaign: str) -> QuerySet[Attempt]:
    return (
        Attempt.objects.filter(
            campaign=campaign, outcome="accepted", confirmed_at=None, cancelled_at=None
        )
        .exclude(remote_id="")
        .order_by(F("reminded_at").asc(nulls_first=True), "id")
    )
