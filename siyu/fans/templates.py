"""Message templates: listed from the platform, and sent to one person through the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import connector, manifests
from siyu.core.audit import record_audit
from siyu.kernel.errors import Refused
from siyu.kernel.ids import new_id
from siyu.pool import queries as pool
from siyu.ports.templates import MessageTemplate, read_card
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, TouchPlan

CAMPAIGN = "template_message"
LIFE = timedelta(hours=1)


def list_templates(actor: Actor, account: str) -> list[MessageTemplate]:
    """The forms of an account as the platform has them now."""
    require(actor, "touch:read")
    source = connector(account).templates
    if source is None:
        raise Refused("template.platform", "这个账号没有消息模板", field="account")
    return source.list_templates()


def send_template(
    actor: Actor, account: str, channel: str, customer_id: int, text: str, *, now: datetime
) -> int:
    """Fill in a form for one customer; returns the touch. All rules of the ledger hold: consent,
    permission, quota. Refused when the text names no template or the channel carries none."""
    require(actor, "touch:write")
    manifest = manifests().get(account.partition(":")[0])
    channels = manifest.channels if manifest else ()
    if not any(one.name == channel and one.needs_card for one in channels):
        raise Refused("template.channel", "这个渠道不发模板消息", field="channel")
    read_card(text)
    reach.check_template(text, field="text")
    customer = pool.current_customer_id(customer_id)
    pool.require_visible(actor, customer)
    plan = TouchPlan(
        campaign=CAMPAIGN,
        version=0,
        step=channel,
        entry_key=new_id(),
        customer_id=customer,
        identity_id=None,
        channel=channel,
        template=text,
        purpose=SERVICE,
        due_at=now,
        expires_at=now + LIFE,
        context={"account": account},
        is_urgent=True,
    )
    with transaction.atomic():
        touch_id = reach.plan_touches([plan], now=now)[0]
        record_audit(actor, "send_template", f"customer:{customer}", now=now)
    return touch_id
