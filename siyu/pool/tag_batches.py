"""Tags put on or taken off a filtered list or a segment at once: counted before, undone after.

The work goes through the customers by id, some thousand a turn, and goes on after a kill where
it stood. What a batch put on carries its name, what it took off is kept, so that taking it back
touches nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import SYSTEM, Actor, require
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import belongings, tag_states, tags
from siyu.pool.listing import count_customers, filtered_customers
from siyu.pool.models import CustomerTag, Tag, TagBatch
from siyu.pool.rows import among, execute, fetch, listed, resolving
from siyu.pool.types import CustomerFilter, TagBatchRow, TagRow

RUNNING, DONE, UNDOING, UNDONE = "running", "done", "undoing", "undone"
AT_ONCE = 5_000
MAX_TAGS = 20
SHOWN = 100


def preview_batch(actor: Actor, filters: CustomerFilter, tag_ids: Iterable[int]) -> tuple[int, int]:
    """(how many customers the filters give, how many of them carry one of the tags)."""
    require(actor, "tag:write")
    wanted = _checked_tags(tag_ids)
    found = filtered_customers(actor, filters)
    carried = CustomerTag.objects.filter(tag_id__in=wanted, is_active=True)
    carrying = found.filter(pk__in=carried.values("customer_id"))
    return found.count(), carrying.count()


def start_batch(
    actor: Actor,
    filters: CustomerFilter,
    tag_ids: Iterable[int],
    *,
    is_removal: bool,
    now: datetime,
) -> int:
    """Begin to put tags on, or take them off, everybody the filters give; the batch's id."""
    require(actor, "tag:write")
    wanted = _checked_tags(tag_ids)
    with transaction.atomic():
        batch = TagBatch.objects.create(
            actor=actor.name,
            is_removal=is_removal,
            tag_ids=wanted,
            filters=asdict(filters),
            wanted=count_customers(actor, filters),
            state=RUNNING,
            created_at=now,
        )
        detail = {"tags": wanted, "removal": is_removal, "count": batch.wanted}
        record_audit(actor, "tag_batch", f"tag_batch:{batch.pk}", now=now, detail=detail)
    return int(batch.pk)


def undo_batch(actor: Actor, batch_id: int, *, now: datetime) -> None:
    """Begin to take a finished batch back. Conflict when it runs or was taken back."""
    require(actor, "tag:write")
    with transaction.atomic():
        batch = TagBatch.objects.filter(pk=batch_id).first()
        if batch is None:
            raise NotFound("tag_batch.missing", "没有这次批量操作")
        if batch.state != DONE:
            raise Conflict("tag_batch.state", "这次批量操作还没完成, 或已经撤销")
        TagBatch.objects.filter(pk=batch_id).update(
            state=UNDOING, undone_by=actor.name, finished_at=None, done=0
        )
        record_audit(actor, "undo_tag_batch", f"tag_batch:{batch_id}", now=now)


def list_batches(actor: Actor) -> list[TagBatchRow]:
    """The latest batches."""
    require(actor, "tag:write")
    rows = list(TagBatch.objects.order_by("-id")[:SHOWN])
    known = {
        tag.pk: TagRow(tag.pk, tag.name, tag.group.name, tag.group.color)
        for tag in Tag.objects.select_related("group")
    }
    return [
        TagBatchRow(
            id=row.pk,
            actor=row.actor,
            is_removal=row.is_removal,
            tags=[known[tag] for tag in row.tag_ids if tag in known],
            wanted=row.wanted,
            done=row.done,
            changed=row.changed,
            state=row.state,
            created_at=row.created_at,
            finished_at=row.finished_at,
            undone_by=row.undone_by,
        )
        for row in rows
    ]


def work_on_tags() -> bool:
    """A turn of every batch under way, of tags to be settled, and of tags that expired."""
    now = runtime().clock.now()
    did_work = False
    for batch_id in TagBatch.objects.filter(state__in=(RUNNING, UNDOING)).values_list(
        "pk", flat=True
    ):
        with resolving():
            _turn(TagBatch.objects.get(pk=batch_id), now)
        did_work = True
    return _settle_changed(now) or _expire(now) or did_work


def _expire(now: datetime) -> bool:
    if not tag_states.find_expired(now):
        return False
    with resolving():
        changed = tag_states.settle(tag_states.find_expired(now), now)
        if changed:
            belongings.tell_changed(changed, now)
    return bool(changed)


def _settle_changed(now: datetime) -> bool:
    """The next carriers of tags whose expiry or group changed."""
    rows = Tag.objects.exclude(settle_after=None).values_list("pk", "settle_after")
    waiting = {tag: after for tag, after in rows if after is not None}
    if not waiting:
        return False
    after = min(waiting.values())
    with resolving():
        last, changed = tag_states.settle_carriers(waiting, after=after, now=now)
        Tag.objects.filter(pk__in=list(waiting)).update(settle_after=last or None)
        if changed:
            belongings.tell_changed(changed, now)
    return True


def _turn(batch: TagBatch, now: datetime) -> None:
    if batch.state == UNDOING:
        _turn_back(batch, now)
        return
    found = filtered_customers(SYSTEM, CustomerFilter(**batch.filters))
    ids = list(
        found.filter(pk__gt=batch.done_after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    )
    if ids:
        batch.changed += (
            _take_off(batch, ids, now) if batch.is_removal else _put_on(batch, ids, now)
        )
        belongings.tell_changed(set(ids), now)
        batch.done, batch.done_after = batch.done + len(ids), ids[-1]
    if len(ids) < AT_ONCE:
        batch.state, batch.finished_at = DONE, now
    batch.save()


def _put_on(batch: TagBatch, ids: list[int], now: datetime) -> int:
    usable = _in_use(batch.tag_ids)
    tags.attach([(tag, ids, tags.MANUAL) for tag in usable], source=_source(batch), now=now)
    return len(ids) * len(usable)


def _take_off(batch: TagBatch, ids: list[int], now: datetime) -> int:
    people, wanted = listed(ids), listed(batch.tag_ids)
    execute(
        "INSERT INTO pool_takentag (batch_id, identity_id, tag_id, origin, source, at, last_at)"  # noqa: S608
        " SELECT %s, identity_id, tag_id, origin, source, at, last_at FROM pool_customertag"
        f" WHERE {among('customer_id')} AND {among('tag_id')}",
        batch.pk,
        people,
        wanted,
    )
    return tags.detach(ids, batch.tag_ids, now=now)


def _turn_back(batch: TagBatch, now: datetime) -> None:
    changed = _give_back(batch) if batch.is_removal else _unput(batch)
    tag_states.settle(changed, now)
    if changed:
        belongings.tell_changed(changed, now)
        batch.done += len(changed)
    else:
        batch.state, batch.finished_at = UNDONE, now
    batch.save()


def _unput(batch: TagBatch) -> set[int]:
    tag_ids = {tags.follow_merges(tag) for tag in batch.tag_ids}
    rows = fetch(
        f"SELECT id, customer_id FROM pool_customertag WHERE {among('tag_id')}"  # noqa: S608
        " AND source = %s AND origin = %s LIMIT %s",
        listed(tag_ids),
        _source(batch),
        tags.MANUAL,
        AT_ONCE,
    )
    sql = f"DELETE FROM pool_customertag WHERE {among('id')}"  # noqa: S608
    execute(sql, listed(row[0] for row in rows))
    return {row[1] for row in rows}


def _give_back(batch: TagBatch) -> set[int]:
    """Put the next rows taken off back where their identities are now."""
    rows = fetch(
        "SELECT t.id, i.customer_id FROM pool_takentag t"
        " JOIN pool_identity i ON i.id = t.identity_id WHERE t.batch_id = %s LIMIT %s",
        batch.pk,
        AT_ONCE,
    )
    taken = listed(row[0] for row in rows)
    execute(
        "INSERT INTO pool_customertag"  # noqa: S608
        " (customer_id, identity_id, tag_id, origin, source, at, last_at)"
        " SELECT i.customer_id, t.identity_id, t.tag_id, t.origin, t.source, t.at, t.last_at"
        " FROM pool_takentag t JOIN pool_identity i ON i.id = t.identity_id"
        f" JOIN pool_tag g ON g.id = t.tag_id AND NOT g.is_archived WHERE {among('t.id')}"
        " ON CONFLICT DO NOTHING",
        taken,
    )
    execute(f"DELETE FROM pool_takentag WHERE {among('id')}", taken)  # noqa: S608
    return {row[1] for row in rows}


def _source(batch: TagBatch) -> str:
    return f"batch:{batch.pk}"


def _in_use(tag_ids: Iterable[int]) -> list[Any]:
    found = Tag.objects.filter(pk__in=list(tag_ids), is_archived=False)
    return list(found.values_list("pk", flat=True))


def _checked_tags(tag_ids: Iterable[int]) -> list[int]:
    wanted = sorted(set(tag_ids))
    if not 0 < len(wanted) <= MAX_TAGS:
        raise Refused("tag_batch.tags", f"请选择 1 至 {MAX_TAGS} 个标签", field="tag_ids")
    tags.require_tags(wanted)
    return wanted
