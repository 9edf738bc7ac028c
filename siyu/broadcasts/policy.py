"""Up to how many recipients one person may approve what he or she submitted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, Role, require
from siyu.core.audit import record_audit
from siyu.core.models import Setting
from siyu.kernel.errors import Forbidden, Refused

_NAME = "broadcasts.alone_limit"
DEFAULT = 200


def get_alone_limit() -> int:
    """Recipients above which a second person must approve."""
    row = Setting.objects.filter(name=_NAME).first()
    return int(row.value["limit"]) if row else DEFAULT


def set_alone_limit(actor: Actor, limit: int, *, now: datetime) -> None:
    """Change it; only the owner may."""
    require(actor, "broadcast:approve")
    if actor.role is not Role.OWNER:
        raise Forbidden("broadcast.owner", "只有所有者可以修改审批人数")
    if not 0 <= limit <= 1_000_000:
        raise Refused("broadcast.limit", "人数须在 0 到 1000000 之间", field="alone_limit")
    with transaction.atomic():
        Setting.objects.update_or_create(name=_NAME, defaults={"value": {"limit": limit}})
        record_audit(actor, "set_alone_limit", _NAME, now=now, detail={"limit": limit})
