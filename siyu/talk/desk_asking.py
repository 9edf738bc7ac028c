"""Sessions that staff have held for long: the platform is asked whether they still do.

It may end a session without an event, or the event was lost: without asking, the session would be
in the hands of staff here for ever, and we silent with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from siyu.core.accounts import connector
from siyu.core.duties import wake
from siyu.kernel.errors import PlatformError, PlatformRefused
from siyu.ports.desk import DeskSession as Answer
from siyu.ports.desk import DeskState
from siyu.talk.models import Desk, DeskSession

HELD = (DeskState.QUEUED, DeskState.HUMAN)
LONG = timedelta(hours=48)
"""As long as an app may answer after a customer's word; no session is asked about before."""
ASK_AGAIN = timedelta(hours=6)
SPOKEN = timedelta(hours=1)
"""Who speaks in a session that staff have held for `LONG` has it asked about, so often at most."""
PAUSE = timedelta(minutes=5)
"""After a failure of the platform, for all sessions of the account."""
AT_ONCE = 20


def ask_about_held(now: datetime) -> bool:
    """Ask who answers in up to `AT_ONCE` sessions held for `LONG`; True when any was asked about.

    Each at most once in `ASK_AGAIN`, or in `SPOKEN` while its customer speaks.
    """
    rows = list(_due(now).order_by("changed_at")[:AT_ONCE])
    desks = list(Desk.objects.filter(is_ours=True, is_gone=False)) if rows else []
    failed: set[str] = set()
    for row in rows:
        if row.account in failed:
            continue
        if not _ask(row, desks, now):
            failed.add(row.account)
            _due(now).filter(account=row.account).update(asked_at=now - ASK_AGAIN + PAUSE)
    return any(row.account not in failed for row in rows)


def ask_soon(session_ids: Iterable[int], now: datetime) -> None:
    """Customers spoke in these sessions, which staff hold: ask about those held for `LONG`."""
    held = DeskSession.objects.filter(
        pk__in=list(session_ids), changed_at__lt=now - LONG, asked_at__lt=now - SPOKEN
    )
    if held.update(asked_at=None):
        transaction.on_commit(lambda: wake("talk.desks"))


def _due(now: datetime) -> QuerySet[DeskSession]:
    held = DeskSession.objects.filter(state__in=HELD, changed_at__lt=now - LONG)
    return held.filter(Q(asked_at=None) | Q(asked_at__lte=now - ASK_AGAIN))


def _ask(row: DeskSession, desks: list[Desk], now: datetime) -> bool:
    """Ask about one session, unless another worker does; False when the platform failed."""
    free = DeskSession.objects.filter(pk=row.pk, asked_at=row.asked_at)
    if not free.update(asked_at=now):
        return True
    desk = next((one for one in desks if _is_at(row, one)), None)
    remote = connector(row.account).desk
    if desk is None or remote is None:
        return True
    try:
        _keep(row, remote.fetch_session(desk.remote_id, row.remote_id), now)
    except PlatformRefused:
        return True
    except PlatformError:
        DeskSession.objects.filter(pk=row.pk).update(asked_at=row.asked_at)
        return False
    return True


def _is_at(row: DeskSession, desk: Desk) -> bool:
    return desk.account == row.account and f":{desk.remote_id}:" in row.thread


def _keep(row: DeskSession, told: Answer, now: datetime) -> None:
    """Write down who answers, unless something was heard meanwhile.

    Events carry whole seconds: what comes within this one still counts.
    """
    if (told.state, told.staff) == (row.state, row.staff):
        return
    still = DeskSession.objects.filter(pk=row.pk, state=row.state, changed_at=row.changed_at)
    still.update(state=told.state, staff=told.staff[:64], changed_at=now.replace(microsecond=0))
