"""Consent as people change it in the console."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from siyu.core.access import SYSTEM, Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import belongings, consents
from siyu.pool.models import Consent
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.rows import insert_rows, stamp
from siyu.pool.tags import primary_identities


def set_consent(
    actor: Actor,
    customer_id: int,
    *,
    channel: str,
    purpose: str,
    is_granted: bool,
    source: str,
    now: datetime,
) -> None:
    """The customer's word from now on, for one channel ("*": all) and purpose."""
    require(actor, "customer:write")
    if purpose not in consents.PURPOSES:
        raise Refused("consent.purpose", "用途须为 marketing 或 service", field="purpose")
    if not channel or len(channel) > 64:
        raise Refused("consent.channel", "渠道名称无效", field="channel")
    with transaction.atomic():
        customer = current_customer_id(customer_id)
        require_visible(actor, customer)
        identity = primary_identities([customer]).get(customer)
        if identity is None:
            raise NotFound("customer.missing", "没有这位客户")
        Consent.objects.filter(customer_id=customer, channel=channel, purpose=purpose).update(
            is_granted=is_granted, source=source, at=now
        )
        insert_rows(
            Consent,
            consents.COLUMNS,
            [(customer, identity, channel, purpose, is_granted, source, stamp(now))],
            on_conflict=consents.LATEST_WINS,
        )
        belongings.tell_changed({customer}, now)
        if actor is not SYSTEM:
            detail = {"channel": channel, "purpose": purpose, "is_granted": is_granted}
            target = f"customer:{customer}"
            record_audit(actor, "change_consent", target, now=now, detail=detail)
