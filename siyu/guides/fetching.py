"""New friends → their profiles, fetched one by one from the platform within seconds.

Somebody waits for some of them: a welcome that names the customer goes out without the name when
that takes too long. Those go first, whatever is on the list before them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, QuerySet, Value, When

from siyu.core.accounts import connector
from siyu.core.intake import submit_facts
from siyu.core.pipeline import Batch
from siyu.guides.known import living
from siyu.guides.leases import claim
from siyu.guides.models import Fetch
from siyu.kernel.errors import (
    NotFound,
    PlatformError,
    Reauth,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)
from siyu.ports import facts
from siyu.ports.capabilities import ContactSource
from siyu.ports.facts import Fact

CHUNK = 193
WAVE = 16
AT_ONCE = 4
BACK_OFF_SECONDS = (2, 10, 60, 300, 1800)
REAUTH_PAUSE = timedelta(minutes=5)
TURN_SECONDS = 2.0
"""After so long a turn ends and the next sees who came meanwhile and is waited for."""
Sources = Mapping[str, ContactSource | None]
Answer = list[Fact] | PlatformError
Awaited = Callable[[], set[str]]
_awaited: list[Awaited] = []


def set_awaited(ask: Awaited | None) -> None:
    """Who tells which profiles (remote ids) somebody waits for; None: nobody."""
    _awaited[:] = [ask] if ask else []


def fetch_again(account: str, remote_id: str, now: datetime) -> None:
    """Put one customer on the work list: we changed something the platform will not tell of."""
    Fetch.objects.update_or_create(account=account, remote_id=remote_id, defaults={"due_at": now})


def queue_new_friends(batch: Batch) -> None:
    """Put every new or edited friend and follower on the work list; nobody who was erased."""
    wanted = {
        (seen.fact.account, seen.fact.identities[0].value)
        for seen in batch.named(facts.FRIEND_ADDED, facts.FRIEND_EDITED, facts.FOLLOWED)
        if seen.fact.account and seen.fact.identities and seen.customer_id is not None
    }
    if not wanted:
        return
    Fetch.objects.bulk_create(
        [
            Fetch(account=account, remote_id=remote_id, due_at=batch.now)
            for account, remote_id in sorted(wanted)
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["due_at"],
    )


def fetch_due(now: datetime, *, seconds: float = TURN_SECONDS) -> bool:
    """Fetch a chunk of due profiles, those that are waited for first; True when there was any.

    seconds: after them no more are asked for; the rest of the chunk is left to the next turn.
    """
    rows = _claim_due(now)
    done: list[Fetch] = []
    blocked: set[str] = set()
    left: list[Fetch] = []
    sources = {account: _source(account) for account in {row.account for row in rows}}
    is_late, end = False, time.monotonic() + seconds
    for wave in _waves(rows):
        going = [row for row in wave if not is_late and row.account not in blocked]
        left += [row for row in wave if row not in going]
        answers = _ask(going, sources)
        submit_facts(living([fact for one in answers if isinstance(one, list) for fact in one]))
        for row, answer in zip(going, answers, strict=True):
            if not isinstance(answer, PlatformError):
                done.append(row)
            elif row.account in blocked or _put_off(row, answer, now):
                blocked.add(row.account)
                left.append(row)
        is_late = time.monotonic() >= end
    _finish(done, now)
    _release(left)
    return bool(rows)


def _claim_due(now: datetime) -> list[Fetch]:
    """A chunk of what is due: who is waited for, then the oldest."""
    awaited = {value for ask in _awaited for value in ask()}
    due: QuerySet[Fetch] = Fetch.objects.filter(due_at__lte=now)
    if awaited:
        is_awaited = When(remote_id__in=awaited, then=Value(0))
        due = due.order_by(Case(is_awaited, default=Value(1)), "due_at", "pk")
    rows = claim(due if awaited else due.order_by("due_at", "pk"), CHUNK)
    return sorted(rows, key=lambda row: (row.remote_id not in awaited, row.due_at, row.pk))


def _waves(rows: Sequence[Fetch]) -> list[Sequence[Fetch]]:
    """The first alone, which may need a new token or meet a limit; then some at a time."""
    return [rows[:1], *(rows[start : start + WAVE] for start in range(1, len(rows), WAVE))]


def _ask(rows: Sequence[Fetch], sources: Sources) -> list[Answer]:
    """What the platform says of each, some asked at the same time; the errors among it."""
    if len(rows) < 2:
        return [_ask_one(row, sources) for row in rows]

    def ask_share(share: Sequence[Fetch]) -> list[Answer]:
        try:
            return [_ask_one(row, sources) for row in share]
        finally:
            connection.close()

    shares = [rows[first::AT_ONCE] for first in range(min(AT_ONCE, len(rows)))]
    answers: list[Answer] = [[]] * len(rows)
    with ThreadPoolExecutor(len(shares), thread_name_prefix="fetch") as threads:
        for first, found in enumerate(threads.map(ask_share, shares)):
            answers[first::AT_ONCE] = found
    return answers


def _ask_one(row: Fetch, sources: Sources) -> Answer:
    source = sources[row.account]
    try:
        return list(source.fetch_contact(row.remote_id)) if source else []
    except PlatformError as error:
        return error


def _source(account: str) -> ContactSource | None:
    """Where an account's profiles come from; None when it is gone or has none."""
    try:
        return connector(account).contacts
    except NotFound:
        return None


def _put_off(row: Fetch, error: PlatformError, now: datetime) -> bool:
    """Decide what becomes of a failed fetch; True when the whole account must wait."""
    row.error = error.code[:200]
    row.tries += 1
    if isinstance(error, WaitUntil):
        _wait(row.account, error.until)
        return True
    if isinstance(error, Reauth):
        _wait(row.account, now + REAUTH_PAUSE)
        return True
    if isinstance(error, RetryLater | UnknownOutcome) and row.tries <= len(BACK_OFF_SECONDS):
        row.due_at = now + timedelta(seconds=BACK_OFF_SECONDS[row.tries - 1])
        row.lease, row.lease_until = "", 0
        row.save(update_fields=["error", "tries", "due_at", "lease", "lease_until"])
        return False
    row.delete()
    return False


def _wait(account: str, until: datetime) -> None:
    Fetch.objects.filter(account=account, due_at__lt=until).update(due_at=until)


def _finish(done: Sequence[Fetch], now: datetime) -> None:
    """Take finished rows off the list, unless claimed by somebody else or queued again since."""
    if not done:
        return
    rows = Fetch.objects.filter(pk__in=[row.pk for row in done], lease=done[0].lease)
    with transaction.atomic():
        rows.filter(due_at__lte=now).delete()
        rows.update(lease="", lease_until=0)


def _release(rows: Sequence[Fetch]) -> None:
    if rows:
        Fetch.objects.filter(pk__in=[row.pk for row in rows], lease=rows[0].lease).update(
            lease="", lease_until=0
        )
