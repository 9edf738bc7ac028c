"""Reads of materials."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from siyu.core.access import Actor, require
from siyu.kernel.errors import NotFound
from siyu.materials.files import path_of
from siyu.materials.models import Material, Media
from siyu.materials.types import MaterialView, MediaView
from siyu.ports.media import MESSAGE

LIST = 500


def list_materials(actor: Actor, *, kind: str = "", now: datetime) -> list[MaterialView]:
    """The newest files that are not archived, newest first."""
    require(actor, "material:read")
    rows = Material.objects.filter(archived_at__isnull=True).order_by("-id")
    return _views(rows.filter(kind=kind)[:LIST] if kind else rows[:LIST], now)


def get_material(actor: Actor, material_id: int, *, now: datetime) -> MaterialView:
    """One file; NotFound when there is none."""
    require(actor, "material:read")
    found = _views(Material.objects.filter(pk=material_id), now)
    if not found:
        raise NotFound("material.unknown", "没有这个素材")
    return found[0]


def read_material(actor: Actor, material_id: int) -> tuple[str, bytes]:
    """Content type and bytes."""
    require(actor, "material:read")
    row = Material.objects.filter(pk=material_id).first()
    if row is None:
        raise NotFound("material.unknown", "没有这个素材")
    return row.content_type, path_of(row.digest).read_bytes()


def attach(
    account: str, items: Iterable[Mapping[str, object]], *, now: datetime, use: str = MESSAGE
) -> list[dict[str, str]]:
    """Attachments in the platform-neutral shape; those whose file is not ready are left out."""
    listed = list(items)
    wanted = {one for item in listed if isinstance(one := item.get("material"), int)}
    ready = living_media(account, wanted, now=now, use=use) if wanted else {}
    return [made for item in listed if (made := _neutral(item, ready)) is not None]


def living_media(
    account: str, material_ids: Iterable[int], *, now: datetime, use: str = MESSAGE
) -> dict[int, str]:
    """What an account calls these files now; those it does not keep are left out."""
    found = Media.objects.filter(
        account=account, use=use, material_id__in=list(material_ids), expires_at__gt=now
    ).exclude(media_id="")
    return dict(found.values_list("material_id", "media_id"))


def _neutral(item: Mapping[str, object], ready: Mapping[int, str]) -> dict[str, str] | None:
    plain = {name: str(value) for name, value in item.items() if name != "material" and value}
    material = item.get("material")
    if material is None:
        return plain
    media_id = ready.get(material) if isinstance(material, int) else None
    return {**plain, "media_id": media_id} if media_id else None


def _joined(other: MediaView | None, one: Media, now: datetime) -> MediaView:
    """The file at an account, ready when it is there for every use it is wanted for."""
    is_ready = bool(one.media_id and one.expires_at and one.expires_at > now)
    if other is None:
        return MediaView(
            account=one.account, is_ready=is_ready, expires_at=one.expires_at, error=one.error
        )
    ends = [at for at in (other.expires_at, one.expires_at) if at is not None]
    return MediaView(
        account=one.account,
        is_ready=is_ready and other.is_ready,
        expires_at=min(ends, default=None),
        error=other.error or one.error,
    )


def _views(rows: Iterable[Material], now: datetime) -> list[MaterialView]:
    found = list(rows)
    media: dict[int, dict[str, MediaView]] = defaultdict(dict)
    for one in Media.objects.filter(material__in=found).order_by("account", "use"):
        shown = media[one.material_id]
        shown[one.account] = _joined(shown.get(one.account), one, now)
    return [
        MaterialView(
            id=row.pk,
            kind=row.kind,
            name=row.name,
            size=row.size,
            content_type=row.content_type,
            created_at=row.created_at,
            is_archived=row.archived_at is not None,
            media=tuple(media[row.pk].values()),
        )
        for row in found
    ]
