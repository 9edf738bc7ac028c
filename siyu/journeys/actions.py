"""Writes of journeys: create, change, publish, pause; the worker's stage, duty and hooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.core.runtime import runtime
from siyu.journeys import rules, walking
from siyu.journeys.hearing import hear, hear_membership
from siyu.journeys.leaving import gate, leave, on_customers_moved
from siyu.journeys.models import Entry, Journey
from siyu.journeys.types import WaitNode
from siyu.journeys.versions import add_version, definitions
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool.queries import owners_of
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.segments import queries as segments

__all__ = [
    "create_journey",
    "forget_identities",
    "gate",
    "hear",
    "hear_membership",
    "on_customers_moved",
    "pause_journey",
    "publish_journey",
    "resume_journey",
    "tick",
    "update_journey",
]

_MAX_NAME = 64
_MAX_DRAFT = 512 * 1024


def create_journey(actor: Actor, name: str, definition: dict[str, Any], *, now: datetime) -> int:
    """Keep a draft; it is checked when it is published. Returns its id."""
    require(actor, "journey:write")
    with transaction.atomic():
        row = Journey.objects.create(
            name=_check_name(name),
            draft=_check_draft(definition),
            created_at=now,
            updated_at=now,
        )
        record_audit(actor, "create_journey", f"journey:{row.pk}", now=now, detail={"name": name})
    return int(row.pk)


def update_journey(
    actor: Actor,
    journey_id: int,
    *,
    name: str | None = None,
    definition: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Change the draft; people inside are not touched until it is published."""
    require(actor, "journey:write")
    with transaction.atomic():
        row = _row(journey_id)
        if name is not None:
            row.name = _check_name(name)
        if definition is not None:
            row.draft = _check_draft(definition)
        row.updated_at = now
        row.save()
        record_audit(actor, "update_journey", f"journey:{journey_id}", now=now)


def publish_journey(actor: Actor, journey_id: int, *, now: datetime) -> int:
    """Check the draft and make it the version new people get; returns its number.

    People inside stay on the version they entered. A paused journey stays paused. Refused with
    the node in `field` when the definition is unsound.
    """
    require(actor, "journey:write")
    with transaction.atomic():
        row = _row(journey_id)
        definition = rules.read_definition(row.draft)
        rules.check_definition(definition, _surroundings(now))
        row.version = add_version(row.pk, row.draft, now)
        row.state = "live" if row.state == "draft" else row.state
        row.updated_at = now
        row.save()
        detail = {"version": row.version}
        record_audit(actor, "publish_journey", f"journey:{journey_id}", now=now, detail=detail)
    return row.version


def pause_journey(actor: Actor, journey_id: int, *, now: datetime) -> None:
    """Stop entries and sends and freeze timers. Goals and exits still count."""
    require(actor, "journey:write")
    with transaction.atomic():
        row = _row(journey_id)
        if row.state != "live":
            raise Conflict("journey.not_live", "只有运行中的旅程可以暂停", field="state")
        row.state, row.paused_at, row.updated_at = "paused", now, now
        row.save()
        record_audit(actor, "pause_journey", f"journey:{journey_id}", now=now)


def resume_journey(actor: Actor, journey_id: int, *, now: datetime) -> None:
    """Go on: every timer ends as much later as the pause was long.

    A wait until an hour keeps its hour: it ends at the next one that has not passed.
    """
    require(actor, "journey:write")
    with transaction.atomic():
        row = _row(journey_id)
        if row.state != "paused" or row.paused_at is None:
            raise Conflict("journey.not_paused", "旅程没有暂停", field="state")
        _thaw(row, now)
        row.state, row.paused_at, row.updated_at = "live", None, now
        row.save()
        record_audit(actor, "resume_journey", f"journey:{journey_id}", now=now)


def tick() -> bool:
    """Duty: walk everybody who is due."""
    moved = walking.advance_due(runtime().clock.now(), _evaluate)
    if moved:
        wake("reach.dispatch")
    return moved > 0


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: end the journeys that came through these identities, drop what came along."""
    ids = list(identity_ids)
    nameless = Q(identity_id=None, customer_id__in=owners_of(ids))
    entries = list(Entry.objects.filter(Q(identity_id__in=ids) | nameless))
    active = [entry for entry in entries if entry.state == "active"]
    leave(active, "erased", runtime().clock.now())
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(context={})


def _evaluate(definition: dict[str, Any], ids: Sequence[int], now: datetime) -> set[int]:
    return {int(customer_id) for customer_id in segments.evaluate(definition, ids, now=now)}


def _surroundings(now: datetime) -> rules.Surroundings:
    def check_segment(segment_id: int) -> None:
        segments.get_definition(segment_id)

    def check_condition(condition: dict[str, Any]) -> None:
        segments.evaluate(condition, [], now=now)

    channels = {
        channel.name for manifest in catalog().manifests().values() for channel in manifest.channels
    }
    return rules.Surroundings(
        channels=channels,
        check_segment=check_segment,
        check_template=reach.check_template,
        check_condition=check_condition,
    )


def _thaw(journey: Journey, now: datetime) -> None:
    assert journey.paused_at is not None
    waiting = Entry.objects.filter(journey_id=journey.pk, state="active")
    timed: list[Entry] = []
    by_clock: dict[tuple[int, str], WaitNode] = {
        (version, node.id): node
        for (_, version), definition in definitions([journey.pk]).items()
        for node in definition.nodes
        if isinstance(node, WaitNode) and node.until_hour is not None
    }
    if by_clock:
        nodes = {node for _, node in by_clock}
        timed = list(waiting.filter(awaits="wait", node__in=nodes))
        timed = [entry for entry in timed if (entry.version, entry.node) in by_clock]
    waiting.exclude(pk__in=[entry.pk for entry in timed]).update(
        due_at=F("due_at") + (now - journey.paused_at)
    )
    for entry in timed:
        if entry.due_at <= now:
            node = by_clock[entry.version, entry.node]
            again = WaitNode(id=node.id, until_hour=node.until_hour)
            Entry.objects.filter(pk=entry.pk).update(due_at=rules.wait_until(again, now))


def _check_name(name: str) -> str:
    cleaned = name.strip()
    if not 1 <= len(cleaned) <= _MAX_NAME:
        raise Refused("journey.name", f"名称须为 1 到 {_MAX_NAME} 个字", field="name")
    return cleaned


def _check_draft(definition: dict[str, Any]) -> dict[str, Any]:
    """A draft may be unsound, but it must be text that can be kept, and not huge."""
    try:
        size = len(msgspec.json.encode(definition))
    except (UnicodeEncodeError, RecursionError) as error:
        raise Refused("journey.text", "旅程定义含有无效字符", field="definition") from error
    if size > _MAX_DRAFT:
        raise Refused("journey.size", "旅程定义超过 512 KB", field="definition")
    return definition


def _row(journey_id: int) -> Journey:
    row = Journey.objects.select_for_update().filter(pk=journey_id).first()
    if row is None:
        raise NotFound("journey.unknown", "没有这个旅程")
    return row
