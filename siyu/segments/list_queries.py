"""Reads of uploaded lists."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from siyu.core.access import Actor, require
from siyu.kernel.errors import NotFound
from siyu.segments.list_types import Miss, UploadCounts, UploadRow
from siyu.segments.models import AudienceList, ListMiss, ListUpload

SHOWN_MISSES = 50
UPLOADS = 50


def find_list(segment_id: int) -> AudienceList | None:
    """The list a segment shows; None for segments of other kinds."""
    return AudienceList.objects.filter(segment_id=segment_id).first()


def upload_row(upload: ListUpload) -> UploadRow:
    """An upload with its first misses."""
    return UploadRow(
        id=upload.pk,
        at=upload.at,
        actor=upload.actor,
        file_name=upload.file_name,
        kind=upload.kind,
        mode=upload.mode,
        counts=UploadCounts(**upload.counts),
        misses=[_miss(row) for row in _misses(upload.pk)[:SHOWN_MISSES]],
    )


def list_uploads(actor: Actor, segment_id: int) -> list[UploadRow]:
    """The latest uploads of a segment's list, the newest first; none for other segments."""
    require(actor, "segment:read")
    shown = find_list(segment_id)
    if shown is None:
        return []
    uploads = ListUpload.objects.filter(list_id=shown.pk, is_done=True).order_by("-id")
    return [upload_row(upload) for upload in uploads[:UPLOADS]]


def stream_misses(actor: Actor, segment_id: int, upload_id: int) -> Iterator[Miss]:
    """Every kept line of an upload that found nobody."""
    require(actor, "segment:read")
    shown = find_list(segment_id)
    if shown is None or not ListUpload.objects.filter(list_id=shown.pk, pk=upload_id).exists():
        raise NotFound("list.upload", "没有这次上传")
    return (_miss(row) for row in _misses(upload_id).iterator(chunk_size=2_000))


def _misses(upload_id: int) -> QuerySet[ListMiss]:
    return ListMiss.objects.filter(upload_id=upload_id).order_by("id")


def _miss(row: ListMiss) -> Miss:
    return Miss(row.line, row.code, row.shown)
