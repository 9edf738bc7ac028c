"""Duty: what is used stays ready at the platforms."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.core.accounts import connector
from siyu.core.runtime import runtime
from siyu.kernel.errors import NotFound, PlatformRefused, Refused, SiyuError, WaitUntil
from siyu.materials.files import SUFFIXES, path_of
from siyu.materials.models import Media
from siyu.ports.media import MediaFile, RemoteMedia

EARLY = timedelta(days=1)
"""Renewed this long before the platform forgets a file."""
AT_ONCE = 10
BACK_OFF_SECONDS = (2, 10, 60, 600, 3600)
FOR_EVER = timedelta(days=3650)


def renew() -> bool:
    """Upload what is due; True when there may be more."""
    return renew_due(runtime().clock.now())


def renew_due(now: datetime) -> bool:
    """Upload files that were never uploaded or end within a day."""
    due = list(Media.objects.select_related("material").filter(next_at__lte=now)[:AT_ONCE])
    for row in due:
        try:
            made = _upload(row)
        except (OSError, SiyuError) as error:
            _put_off(row, error, now)
        else:
            row.media_id, row.expires_at = made.media_id, made.expires_at
            row.next_at = max(now + timedelta(minutes=1), made.expires_at - EARLY)
            row.tries, row.error = 0, ""
        row.save(update_fields=["media_id", "expires_at", "next_at", "tries", "error"])
    return len(due) == AT_ONCE


def _upload(row: Media) -> RemoteMedia:
    store = connector(row.account).media
    if store is None:
        raise Refused("material.platform", "这个平台不能上传素材")
    material = row.material
    content = path_of(material.digest).read_bytes()
    suffix = SUFFIXES.get(material.content_type)
    name = material.name
    if suffix and not name.lower().endswith((f".{suffix}", ".jpeg")):
        name = f"{name}.{suffix}"
    return store.upload(MediaFile(kind=material.kind, name=name, content=content, use=row.use))


def _put_off(row: Media, error: Exception, now: datetime) -> None:
    row.error = (error.reason if isinstance(error, SiyuError) else type(error).__name__)[:200]
    wait = timedelta(seconds=BACK_OFF_SECONDS[min(row.tries, len(BACK_OFF_SECONDS) - 1)])
    row.tries += 1
    if isinstance(error, WaitUntil):
        row.next_at = max(error.until, now + wait)
    elif isinstance(error, Refused | PlatformRefused | NotFound | OSError):
        row.next_at = now + FOR_EVER
    else:
        row.next_at = now + wait
