"""Writes to the ledger: plan, cancel, give back, settle. Callers hold the transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import F, QuerySet

from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.errors import Refused
from siyu.ports.capabilities import Delivery, DeliveryState
from siyu.reach.models import QuotaUse, Touch, Wording
from siyu.reach.permits import give_back_permit
from siyu.reach.spent import return_places, settle_quotas
from siyu.reach.types import (
    MARKETING,
    PLAIN,
    SERVICE,
    URGENT,
    WAITING_STATES,
    WELCOME,
    TouchPlan,
    TouchState,
)
from siyu.reach.windows import give_back_window

Fate = tuple[TouchState, str, datetime | None]
"""State, reason and when."""
_CHUNK = 500
_KEY = ("campaign", "version", "step", "entry_key", "planned_for", "channel_kind")
_SETTLED = ("state", "reason", "done_at", "quota_ids")
_CANCELLABLE = (*WAITING_STATES, TouchState.RESERVED)


def plan_touches(plans: Sequence[TouchPlan], *, now: datetime) -> list[int]:
    """Put messages into the ledger; the id of each plan's row, in order.

    Idempotent: a plan already there keeps its row. Runs in the caller's transaction.
    """
    if not plans:
        return []
    wordings = _wordings(plans)
    rows = [_row(plan, wordings[_digest(plan)], now) for plan in plans]
    insert_rows(rows, ignore_conflicts=True)
    ids = _ids_of(rows)
    return [ids[_key(row)] for row in rows]


def cancel_touches(
    campaign: str,
    customer_ids: Iterable[int],
    reason: str,
    now: datetime,
    *,
    entry_keys: Iterable[str] | None = None,
) -> int:
    """Suppress what a campaign still has planned for these customers; returns how many.

    Messages already handed to a platform cannot be recalled and stay as they are.
    """
    found = Touch.objects.filter(
        campaign=campaign, customer_id__in=list(customer_ids), state__in=_CANCELLABLE
    )
    if entry_keys is not None:
        found = found.filter(entry_key__in=list(entry_keys))
    give_back(found.filter(state=TouchState.RESERVED))
    return found.update(
        state=TouchState.SUPPRESSED, reason=reason, done_at=now, reserved_at=None, lease=""
    )


def cancel_campaign(campaign: str, reason: str, now: datetime, *, most: int) -> int:
    """Suppress up to `most` touches a campaign still has planned; returns how many."""
    waiting = Touch.objects.filter(campaign=campaign, state__in=_CANCELLABLE)
    ids = list(waiting.order_by("id").values_list("pk", flat=True)[:most])
    found = Touch.objects.filter(pk__in=ids, state__in=_CANCELLABLE)
    give_back(found.filter(state=TouchState.RESERVED))
    return found.update(
        state=TouchState.SUPPRESSED, reason=reason, done_at=now, reserved_at=None, lease=""
    )


def keep_wording(template: str, attachments: Sequence[Mapping[str, str]] = ()) -> int:
    """The id of a text with its attachments; kept once."""
    told = [dict(attachment) for attachment in attachments]
    raw = msgspec.json.encode([template, told], order="sorted")
    row, _ = Wording.objects.get_or_create(
        digest=hashlib.blake2b(raw, digest_size=16).hexdigest(),
        defaults={"template": template, "attachments": told},
    )
    return int(row.pk)


def give_back(touches: QuerySet[Touch]) -> None:
    """Return the windows and quotas of touches that surely were not sent."""
    for touch in touches:
        give_back_window(touch)
        give_back_permit(touch)
        if touch.quota_ids:
            QuotaUse.objects.filter(pk__in=touch.quota_ids, used__gt=0).update(used=F("used") - 1)


def settle(deliveries: Mapping[int, Sequence[Delivery]], now: datetime) -> None:
    """Write down what the platforms say became of accepted touches, by attempt."""
    fates = {attempt: fates_of(some, now) for attempt, some in deliveries.items() if some}
    accepted = Touch.objects.filter(attempt_id__in=fates, state=TouchState.ACCEPTED)
    ended = []
    for touch in accepted.only("id", "attempt_id", "address", "reserved_at", *_SETTLED):
        fate = fates[touch.attempt_id or 0].get(touch.address)
        if fate is not None:
            touch.state, touch.reason, touch.done_at = fate
            ended.append(touch)
    settle_quotas(ended)
    write_rows(ended, _SETTLED)


def end_unconfirmed(
    touches: QuerySet[Touch], state: TouchState, reason: str, now: datetime
) -> None:
    """Nobody will confirm these any more: they end, and hold no place. In a transaction."""
    ended = list(touches.only("id", "quota_ids"))
    for touch in ended:
        touch.state, touch.reason, touch.done_at = state, reason, now
    return_places(ended)
    write_rows(ended, _SETTLED)


def fates_of(deliveries: Sequence[Delivery], now: datetime) -> dict[str, Fate]:
    """The end of every recipient the platform is done with, by address."""
    fates: dict[str, Fate] = {}
    for delivery in deliveries:
        if delivery.state is DeliveryState.DELIVERED:
            fates[delivery.recipient] = (TouchState.DELIVERED, "", delivery.at or now)
        elif delivery.state is DeliveryState.REFUSED:
            reason = (delivery.reason or "refused")[:64]
            fates[delivery.recipient] = (TouchState.FAILED, reason, delivery.at or now)
    return fates


def _wordings(plans: Sequence[TouchPlan]) -> dict[str, int]:
    """Ids of the plans' texts by digest; new texts are kept."""
    texts = {_digest(plan): plan for plan in plans}
    found = dict(Wording.objects.filter(digest__in=texts).values_list("digest", "pk"))
    missing = [
        Wording(
            digest=digest,
            template=plan.template,
            is_literal=plan.is_literal,
            attachments=[dict(one) for one in plan.attachments],
        )
        for digest, plan in texts.items()
        if digest not in found
    ]
    if missing:
        Wording.objects.bulk_create(missing, ignore_conflicts=True)
        found = dict(Wording.objects.filter(digest__in=texts).values_list("digest", "pk"))
    return found


def _digest(plan: TouchPlan) -> str:
    raw = f"{int(plan.is_literal)}:{plan.template}".encode()
    if plan.attachments:
        raw += b"\x00" + msgspec.json.encode(list(plan.attachments), order="sorted")
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _row(plan: TouchPlan, wording_id: int, now: datetime) -> Touch:
    if plan.purpose not in {MARKETING, SERVICE}:
        raise Refused("touch.purpose", "用途须为 marketing 或 service", field="purpose")
    return Touch(
        campaign=plan.campaign,
        version=plan.version,
        step=plan.step,
        entry_key=plan.entry_key,
        planned_for=plan.customer_id,
        channel_kind=plan.channel,
        customer_id=plan.customer_id,
        identity_id=plan.identity_id,
        purpose=plan.purpose,
        wording_id=wording_id,
        context=dict(plan.context),
        priority=URGENT if plan.is_urgent or plan.channel == WELCOME else PLAIN,
        state=TouchState.PLANNED,
        planned_at=now,
        due_at=plan.due_at,
        next_at=plan.due_at,
        expires_at=plan.expires_at,
    )


def _key(row: Touch) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _KEY)


def _ids_of(rows: Sequence[Touch]) -> dict[tuple[Any, ...], int]:
    ids: dict[tuple[Any, ...], int] = {}
    keys = sorted({row.entry_key for row in rows})
    for start in range(0, len(keys), _CHUNK):
        found = Touch.objects.filter(
            campaign__in={row.campaign for row in rows},
            version__in={row.version for row in rows},
            step__in={row.step for row in rows},
            entry_key__in=keys[start : start + _CHUNK],
        )
        for *key, pk in found.values_list(*_KEY, "pk"):
            ids[tuple(key)] = pk
    return ids
