"""The dry run: who would get it, who not and why, how it reads, how often staff must tap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from siyu.broadcasts import audience as audiences
from siyu.broadcasts.channels import channel_of
from siyu.broadcasts.models import Broadcast
from siyu.broadcasts.rules import MAX_TASKS_EACH, check_draft, is_personal, tasks_of
from siyu.broadcasts.types import STEP, Draft, Preview, Sample
from siyu.core.access import Actor, require
from siyu.kernel.errors import Refused
from siyu.pool import queries as pool
from siyu.reach import queries as reach
from siyu.reach import wording
from siyu.reach.rules import quiet_end
from siyu.reach.types import Cohort

SAMPLES = 3


def preview(actor: Actor, draft: Draft, *, now: datetime) -> Preview:
    """What would happen if this were sent now. Writes nothing."""
    require(actor, "broadcast:write")
    channel = channel_of(draft.account, draft.channel)
    check_draft(draft, is_for_groups=channel.is_for_groups, now=now)
    if draft.text.strip():
        wording.check_template(draft.text, field="text")
    at = max(now, draft.scheduled_at or now)
    quiet = quiet_end(reach.get_policy(), at)
    if channel.is_for_groups:
        groups = audiences.find_groups(actor, draft.account, draft.audience)
        count = reach.count_groups(draft.account, groups)
        tasks, most = tasks_of(count.senders, channel.batch, personal=False)
        return Preview(len(groups), count, tasks, most, [], is_personal=False, quiet_until=quiet)
    ids = audiences.find_customers(draft.audience, now=now).tolist()
    count = reach.count_cohort(_cohort(draft, now), ids, now)
    personal = is_personal(draft.text)
    tasks, most = tasks_of(count.senders, channel.batch, personal=personal)
    samples = _samples(draft.text, ids[:SAMPLES])
    return Preview(len(ids), count, tasks, most, samples, personal, quiet)


def check_personal(row: Broadcast, ids: Sequence[int] | Any, now: datetime) -> None:
    """Refused when a personal text would make more tasks than a member of staff can tap."""
    channel = channel_of(row.account, row.channel)
    text = str(row.content["text"])
    if row.is_for_groups or not channel.needs_staff or not is_personal(text):
        return
    draft = Draft(
        name=row.name,
        account=row.account,
        channel=row.channel,
        text=text,
        audience=row.audience,
        staff=row.staff,
    )
    count = reach.count_cohort(_cohort(draft, now), [int(one) for one in ids], now)
    _, most = tasks_of(count.senders, channel.batch, personal=True)
    if most > MAX_TASKS_EACH:
        raise Refused(
            "broadcast.too_personal",
            f"文案含客户变量, 会让一位员工逐条确认 {most} 次 (上限 {MAX_TASKS_EACH}); 请去掉变量",
            field="text",
        )


def _cohort(draft: Draft, now: datetime) -> Cohort:
    return Cohort(
        campaign="preview",
        version=0,
        step=STEP,
        account=draft.account,
        channel=draft.channel,
        template=draft.text,
        due_at=now,
        expires_at=now + timedelta(days=draft.confirm_days),
        staff=tuple(draft.staff),
    )


def _samples(text: str, ids: Sequence[int]) -> list[Sample]:
    values, names = pool.profile_values(ids), pool.names_of(ids)
    found = []
    for customer_id in ids:
        rendered = wording.render(text, values.get(customer_id, {})) if text.strip() else None
        found.append(
            Sample(
                customer_id,
                names.get(customer_id, ""),
                rendered.text if rendered else "",
                rendered.reason if rendered else "",
            )
        )
    return found
