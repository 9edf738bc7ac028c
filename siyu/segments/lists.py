"""Writes of uploaded lists: people named by phone, customer number or another identity.

A list is shown by a segment of its own whose definition is one `list` condition, so it can be used
like every other segment. Uploading the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.lake.locks import exclusive
from siyu.pool.rows import among, execute, listed, resolving
from siyu.segments.actions import create_segment, refresh_segments
from siyu.segments.list_guessing import is_header
from siyu.segments.list_matching import Found, match_lines
from siyu.segments.list_queries import find_list, upload_row
from siyu.segments.list_types import (
    ListChoice,
    ListResult,
    ListSource,
    Mode,
    UploadCounts,
)
from siyu.segments.models import AudienceList, ListMember, ListMiss, ListUpload, Segment
from siyu.segments.queries import get_definition

CHUNK = 5_000
MAX_MISSES = 100_000
ABANDONED = timedelta(days=1)


def create_list(
    actor: Actor, name: str, source: ListSource, choice: ListChoice, *, now: datetime
) -> ListResult:
    """A new segment with the people of a list. The same content under the same name again

    answers with the segment that is there; Conflict when the name is another segment's.
    """
    require(actor, "segment:write")
    clean = name.strip()
    if taken := Segment.objects.filter(name=clean, is_archived=False).first():
        return _again(taken.pk, source, choice)
    _forget_abandoned(now)
    made = AudienceList.objects.create(created_at=now)
    definition = {"version": 1, "root": {"op": "list", "list_id": made.pk, "has": True}}
    try:
        upload = _load(actor, made, source, choice, mode="add", now=now)
        segment_id = create_segment(actor, clean, definition, now=now)
    except Refused:
        _drop([made.pk])
        raise
    with transaction.atomic():
        AudienceList.objects.filter(pk=made.pk).update(segment_id=segment_id)
        _finish(actor, upload, segment_id, now)
    return ListResult(segment_id, upload_row(upload))


def upload_list(
    actor: Actor,
    segment_id: int,
    source: ListSource,
    choice: ListChoice,
    *,
    mode: Mode,
    now: datetime,
) -> ListResult:
    """Add people to a list, or make it exactly these. Conflict while another upload runs."""
    require(actor, "segment:write")
    get_definition(segment_id)
    shown = find_list(segment_id)
    if shown is None:
        raise NotFound("list.unknown", "这个人群不是上传的名单", field="segment_id")
    with exclusive(f"segments.list.{shown.pk}") as is_mine:
        if not is_mine:
            raise Conflict("list.busy", "这个名单正在更新, 请等它结束")
        upload = _load(actor, shown, source, choice, mode=mode, now=now)
        with transaction.atomic():
            _finish(actor, upload, segment_id, now)
    refresh_segments([segment_id], now=now, cause="list")
    return ListResult(segment_id, upload_row(upload))


def forget_identities(identity_ids: list[int]) -> None:
    """Take an erased person off every list."""
    execute(
        f"DELETE FROM segments_listmember WHERE {among('identity_id')}",  # noqa: S608
        listed(identity_ids),
    )


def _again(segment_id: int, source: ListSource, choice: ListChoice) -> ListResult:
    shown = find_list(segment_id)
    uploads = ListUpload.objects.filter(list_id=shown.pk if shown else 0, is_done=True)
    last = uploads.order_by("-id").first()
    same = (source.digest(), choice.kind)
    if last is None or (last.file_hash, last.kind) != same:
        raise Conflict("segment.name_taken", "已有同名人群", field="name")
    return ListResult(segment_id, upload_row(last))


def _load(
    actor: Actor,
    shown: AudienceList,
    source: ListSource,
    choice: ListChoice,
    *,
    mode: Mode,
    now: datetime,
) -> ListUpload:
    """Write the members, a few thousand lines a transaction, so that others may write between."""
    upload = ListUpload.objects.create(
        list_id=shown.pk,
        at=now,
        actor=actor.name,
        file_name=source.name[-255:],
        file_hash=source.digest(),
        kind=choice.kind,
        mode=mode,
    )
    counts = UploadCounts()
    members = ListMember.objects.filter(list_id=shown.pk)
    before = members.count()
    body = _body(source)
    while lines := list(islice(body, CHUNK)):
        with resolving():
            found = match_lines(lines, choice)
            _write_members(upload, found)
            _write_misses(upload, found, counts)
        _count(counts, found)
    counts.added = members.count() - before
    if mode == "replace":
        counts.removed = members.exclude(upload_id=upload.pk).delete()[0]
    counts.members = members.values("customer_id").distinct().count()
    upload.counts = asdict(counts)
    return upload


def _body(source: ListSource) -> Iterator[tuple[int, list[str]]]:
    for position, line in enumerate(source.lines()):
        if position or not is_header(line):
            yield line.number, line.cells


def _write_members(upload: ListUpload, found: Found) -> None:
    rows = [
        ListMember(
            list_id=upload.list_id, customer_id=customer, identity_id=identity, upload_id=upload.pk
        )
        for identity, customer in found.people.items()
    ]
    ListMember.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["list_id", "identity_id"],
        update_fields=["upload_id", "customer_id"],
    )


def _write_misses(upload: ListUpload, found: Found, counts: UploadCounts) -> None:
    room = MAX_MISSES - counts.unmatched - counts.ambiguous - counts.refused
    ListMiss.objects.bulk_create(
        ListMiss(upload_id=upload.pk, line=miss.line, code=miss.code, shown=miss.shown)
        for miss in found.misses[: max(room, 0)]
    )


def _count(counts: UploadCounts, found: Found) -> None:
    counts.lines += found.matched + len(found.misses)
    counts.matched += found.matched
    for miss in found.misses:
        if miss.code == "list.unmatched":
            counts.unmatched += 1
        elif miss.code == "list.ambiguous":
            counts.ambiguous += 1
        else:
            counts.refused += 1


def _finish(actor: Actor, upload: ListUpload, segment_id: int, now: datetime) -> None:
    upload.is_done = True
    upload.save()
    detail = {
        "file": upload.file_name,
        "hash": upload.file_hash,
        "kind": upload.kind,
        "mode": upload.mode,
        **upload.counts,
    }
    record_audit(actor, "upload_list", f"segment:{segment_id}", now=now, detail=detail)


def _forget_abandoned(now: datetime) -> None:
    """Lists whose upload was cut off long ago."""
    old = AudienceList.objects.filter(segment_id=None, created_at__lt=now - ABANDONED)
    _drop(list(old.values_list("pk", flat=True)))


def _drop(list_ids: Iterable[int]) -> None:
    ids = list(list_ids)
    with transaction.atomic():
        uploads = ListUpload.objects.filter(list_id__in=ids)
        ListMiss.objects.filter(upload_id__in=list(uploads.values_list("pk", flat=True))).delete()
        ListMember.objects.filter(list_id__in=ids).delete()
        uploads.delete()
        AudienceList.objects.filter(pk__in=ids).delete()
