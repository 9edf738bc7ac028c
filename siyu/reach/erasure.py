"""Erasure in the ledger: what was said to a person goes, that something was said stays."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from siyu.core.runtime import runtime
from siyu.kernel.ids import new_id
from siyu.pool.queries import owners_of
from siyu.reach.models import Attempt, Touch, Window, Wording
from siyu.reach.types import WAITING_STATES, TouchState


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Nothing more is sent, and texts, addresses and windows go; the counts stay."""
    ids = list(identity_ids)
    mine = Touch.objects.filter(
        Q(identity_id__in=ids) | Q(identity_id=None, customer_id__in=owners_of(ids))
    )
    waiting = mine.filter(state__in=(*WAITING_STATES, TouchState.RESERVED))
    now = runtime().clock.now()
    waiting.update(state=TouchState.SUPPRESSED, reason="erased", done_at=now, lease="")
    own = list(mine.values_list("pk", "wording_id", "attempt_id"))
    _forget_wordings({row[1] for row in own}, {row[0] for row in own})
    _forget_attempts({row[2] for row in own if row[2]}, {row[0] for row in own})
    mine.update(text="", address="", context={})
    Window.objects.filter(identity_id__in=ids).delete()


def _forget_wordings(wording_ids: set[int], touch_ids: set[int]) -> None:
    """Words written to this person alone; the digest changes so that nobody finds them empty."""
    literal = Wording.objects.filter(pk__in=wording_ids, is_literal=True)
    shared = set(
        Touch.objects.filter(wording_id__in=wording_ids)
        .exclude(pk__in=touch_ids)
        .values_list("wording_id", flat=True)
    )
    for wording in literal.exclude(pk__in=shared):
        wording.template, wording.digest = "", new_id()[:32]
        wording.save(update_fields=["template", "digest"])


def _forget_attempts(attempt_ids: set[int], touch_ids: set[int]) -> None:
    """Calls made for this person alone."""
    shared = set(
        Touch.objects.filter(attempt_id__in=attempt_ids)
        .exclude(pk__in=touch_ids)
        .values_list("attempt_id", flat=True)
    )
    Attempt.objects.filter(pk__in=attempt_ids - shared).update(text="", context={})
