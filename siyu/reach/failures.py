"""Messages that a platform took and then could not deliver: they did not arrive after all.

The word may be heard before the answer to the sending itself is written down; it is kept until
then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet

from siyu.core.pipeline import Batch
from siyu.core.writing import insert_rows
from siyu.ports.facts import SEND_FINISHED
from siyu.reach.models import Attempt, EarlyFailure, Touch
from siyu.reach.types import TouchState

KEPT_FOR = timedelta(days=1)
_UNDER_WAY = Q(outcome="") | Q(outcome="unknown", settle_at__isnull=False)
_Key = tuple[str, str]
"""account, the platform's number of the message"""


def note_failures(batch: Batch) -> None:
    """Mark the touches of messages that failed; keep the word of those that are under way."""
    failed = {
        (seen.fact.account, str(seen.fact.properties["remote_id"])): str(
            seen.fact.properties["failure"]
        )
        for seen in batch.named(SEND_FINISHED)
        if seen.fact.properties.get("failure") and seen.fact.properties.get("remote_id")
    }
    if not failed:
        return
    rows = Attempt.objects.filter(_UNDER_WAY, account__in={account for account, _ in failed})
    under_way = lock_attempts(rows)
    known = _mark(failed)
    early = [
        EarlyFailure(account=account, remote_id=remote_id, reason=reason[:64], heard_at=batch.now)
        for (account, remote_id), reason in failed.items()
        if account in under_way and (account, remote_id) not in known
    ]
    EarlyFailure.objects.filter(heard_at__lt=batch.now - KEPT_FOR).delete()
    insert_rows(early, ignore_conflicts=True)


def lock_attempts(rows: QuerySet[Attempt]) -> set[str]:
    """In one order, so that nobody's answer is written while a failure looks for it; returns whose
    accounts they are."""
    return set(rows.select_for_update().order_by("pk").values_list("account", flat=True))


def recall_failures(attempts: Sequence[Attempt]) -> None:
    """Attempts whose number was just written down: mark what was heard of them before."""
    rows = EarlyFailure.objects.filter(
        account__in={one.account for one in attempts},
        remote_id__in={one.remote_id for one in attempts if one.remote_id},
    )
    early = {(row.account, row.remote_id): row.reason for row in rows}
    if early:
        rows.filter(remote_id__in={remote_id for _, remote_id in _mark(early)}).delete()


def _mark(failed: Mapping[_Key, str]) -> set[_Key]:
    """Touches of these messages failed; returns which were ours."""
    rows = Attempt.objects.filter(
        account__in={account for account, _ in failed},
        remote_id__in={remote_id for _, remote_id in failed},
    ).values_list("pk", "account", "remote_id")
    ours = {(account, remote_id): pk for pk, account, remote_id in rows}
    for key in ours.keys() & failed.keys():
        Touch.objects.filter(attempt_id=ours[key], state=TouchState.DELIVERED).update(
            state=TouchState.FAILED, reason=failed[key][:64]
        )
    return ours.keys() & failed.keys()
