"""What a member of staff does from the sidebar, on a customer of his own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from siyu.core.access import require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.guides.fetching import fetch_again
from siyu.kernel.errors import Refused
from siyu.pool import actions as pool
from siyu.sidebar.faces import find_customer
from siyu.sidebar.session import Member
from siyu.talk import scripts

MAX_TAGS = 20


def add_tags(member: Member, remote_id: str, tag_ids: Sequence[int], *, now: datetime) -> None:
    """Put tags on a customer."""
    if not 1 <= len(tag_ids) <= MAX_TAGS:
        raise Refused("sidebar.tags", f"一次 1 到 {MAX_TAGS} 个标签", field="tag_ids")
    customer = find_customer(member, remote_id)
    pool.add_tags(member.actor, [customer], tag_ids, origin="manual", now=now)


def write_remark(
    member: Member, remote_id: str, *, remark: str, description: str, now: datetime
) -> None:
    """Set what the member calls the customer in the platform; the profile is fetched again,
    because the platform does not tell us of our own changes. Noted in the audit beforehand, so
    that nothing is written without it."""
    require(member.actor, "customer:write")
    customer = find_customer(member, remote_id)
    writer = connector(member.account).remarks
    if writer is None:
        raise Refused("sidebar.remark", "这个平台不能写备注", field="remark")
    if not remark.strip() and not description.strip():
        raise Refused("sidebar.remark", "请填写备注或描述", field="remark")
    with transaction.atomic():
        record_audit(member.actor, "write_remark", f"customer:{customer}", now=now, detail={})
    writer.write_remark(
        member.staff, remote_id, remark=remark.strip(), description=description.strip()
    )
    with transaction.atomic():
        fetch_again(member.account, remote_id, now)


def note_script(member: Member, remote_id: str, script_id: int, *, now: datetime) -> int:
    """A script went into the chat; how often it was sent in all."""
    return scripts.note_sent(member.actor, script_id, find_customer(member, remote_id), now=now)
