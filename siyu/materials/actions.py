"""Writes of materials."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.kernel.errors import NotFound, Refused
from siyu.materials.files import digest_of, keep, look_at
from siyu.materials.models import Material, Media
from siyu.materials.queries import get_material
from siyu.materials.types import MaterialView
from siyu.ports.media import MESSAGE

MAX_ATTACHMENTS = 9
_TEXTS = {
    "link": ("title", "url"),
    "mini_program": ("title", "app_id", "page"),
    "article": ("title", "media_id"),
}
_WITH_FILE = {"image", "video", "file", "mini_program"}
KINDS = frozenset({"link", *_WITH_FILE})
"""What every message may carry unless its channel says otherwise."""


def add_material(
    actor: Actor, *, kind: str, name: str, content: bytes, now: datetime
) -> MaterialView:
    """Keep a file; the one already there when the same bytes come again."""
    require(actor, "material:write")
    content_type = look_at(kind, content)
    plain = "".join(char for char in name if char.isprintable() and char not in '/\\"').strip()
    digest = digest_of(kind, content)
    keep(digest, content)
    with transaction.atomic():
        row, is_new = Material.objects.get_or_create(
            digest=digest,
            defaults={
                "kind": kind,
                "name": plain[-128:] or kind,
                "size": len(content),
                "content_type": content_type,
                "created_at": now,
            },
        )
        if not is_new and row.archived_at is not None:
            Material.objects.filter(pk=row.pk).update(archived_at=None)
        detail = {"kind": kind, "size": len(content)}
        record_audit(actor, "add_material", f"material:{row.pk}", now=now, detail=detail)
    return get_material(actor, row.pk, now=now)


def archive_material(actor: Actor, material_id: int, *, now: datetime) -> None:
    """Take a file out of the list; messages that use it keep it."""
    require(actor, "material:write")
    with transaction.atomic():
        found = Material.objects.filter(pk=material_id).update(archived_at=now)
        if not found:
            raise NotFound("material.unknown", "没有这个素材")
        record_audit(actor, "archive_material", f"material:{material_id}", now=now)


def check_attachments(
    items: Iterable[Mapping[str, object]], *, field: str, kinds: Collection[str] = KINDS
) -> None:
    """Refused when an attachment is of another kind, incomplete or names a file that is gone."""
    listed = list(items)
    if len(listed) > MAX_ATTACHMENTS:
        raise Refused("attachment.count", f"附件最多 {MAX_ATTACHMENTS} 个", field=field)
    wanted = set()
    for item in listed:
        kind = str(item.get("kind", ""))
        if kind not in kinds:
            raise Refused("attachment.kind", "附件类型无效", field=field)
        missing = [name for name in _TEXTS.get(kind, ()) if not item.get(name)]
        if missing:
            raise Refused("attachment.incomplete", f"附件缺少 {missing[0]}", field=field)
        _check_url(item, field)
        if kind in _WITH_FILE:
            wanted.add((item.get("material"), "image" if kind == "mini_program" else kind))
    known = set(Material.objects.filter(pk__in=_ids(wanted)).values_list("pk", "kind"))
    if wanted - known:
        raise Refused("attachment.material", "附件的素材不存在或类型不符", field=field)


def want_media(
    account: str, material_ids: Iterable[int], *, now: datetime, use: str = MESSAGE
) -> None:
    """Have these files ready at an account from now on. Runs in the caller's transaction."""
    fresh = [
        Media(material_id=material_id, account=account, use=use, next_at=now)
        for material_id in sorted(set(material_ids))
    ]
    Media.objects.bulk_create(fresh, ignore_conflicts=True)
    transaction.on_commit(lambda: wake("materials.renew"))


def materials_in(items: Iterable[Mapping[str, object]]) -> set[int]:
    """The ids of files that attachments name."""
    return {found for item in items if isinstance(found := item.get("material"), int)}


def _ids(wanted: Iterable[tuple[object, str]]) -> list[int]:
    return [one for one, _ in wanted if isinstance(one, int)]


def _check_url(item: Mapping[str, object], field: str) -> None:
    for name in ("url", "image_url"):
        url = item.get(name)
        if url and not str(url).startswith(("https://", "http://")):
            raise Refused("attachment.url", "网址须以 http:// 或 https:// 开头", field=field)
