"""Before a message goes to many: the articles it may carry, and a look at it on one phone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from siyu.broadcasts.channels import channel_of
from siyu.broadcasts.types import Draft
from siyu.broadcasts.wording import check_content
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Refused
from siyu.materials import actions as materials
from siyu.materials import queries as material_queries
from siyu.pool import queries as pool
from siyu.ports.articles import Article
from siyu.reach import queries as reach
from siyu.reach import wording
from siyu.reach.catalog import catalog

MAX_ARTICLES = 100


def list_articles(actor: Actor, account: str) -> list[Article]:
    """The newest hundred drafts of an account as the platform has them now."""
    require(actor, "broadcast:read")
    source = catalog().connector(account).articles if account in catalog().accounts() else None
    if source is None:
        raise Refused("broadcast.articles", "这个账号没有草稿箱", field="account")
    found, cursor = source.list_articles("")
    while cursor and len(found) < MAX_ARTICLES:
        more, cursor = source.list_articles(cursor)
        found += more
    return found


def send_trial(actor: Actor, draft: Draft, customer_id: int, *, now: datetime) -> None:
    """Show a draft to one customer at once; nothing is kept but the audit row.

    Refused when the channel has no trial, the customer cannot be addressed, or a file is still
    being uploaded.
    """
    require(actor, "broadcast:write")
    channel = channel_of(draft.account, draft.channel)
    sender = catalog().connector(draft.account).trials
    if not channel.has_trial or sender is None:
        raise Refused("broadcast.no_trial", "这个渠道不能先发给一个人看", field="channel")
    attachments = check_content(channel, draft.text, draft.attachments)
    customer = pool.current_customer_id(customer_id)
    pool.require_visible(actor, customer)
    address = reach.address_at(customer, draft.account, now, channel=draft.channel)
    if not address:
        raise Refused(
            "broadcast.trial_address", "这位客户不能经这个渠道收到消息", field="customer_id"
        )
    with transaction.atomic():
        materials.want_media(draft.account, materials.materials_in(attachments), now=now)
        record_audit(actor, "send_trial", f"customer:{customer}", now=now)
    ready = material_queries.attach(draft.account, attachments, now=now)
    if len(ready) < len(attachments):
        raise Refused(
            "broadcast.uploading", "附件还在上传到平台, 请过几秒再试", field="attachments"
        )
    sender.send_trial(address, _read(draft.text, customer), ready)


def _read(text: str, customer: int) -> str:
    if not text.strip():
        return ""
    rendered = wording.render(text, pool.profile_values([customer]).get(customer, {}))
    if rendered.reason:
        raise Refused("broadcast.trial_text", "这位客户缺少文案里的变量", field="text")
    return rendered.text
