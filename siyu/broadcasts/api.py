"""Routes of broadcasts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router, Schema, Status

from siyu.broadcasts import actions, queries
from siyu.broadcasts.channels import list_channels
from siyu.broadcasts.policy import get_alone_limit
from siyu.broadcasts.previewing import preview
from siyu.broadcasts.types import BroadcastView, Draft
from siyu.core.access import require
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime

router = Router(tags=["broadcasts"])


class CountsItem(Schema):
    """states, reasons: touches. in_tasks, confirmed: of the staff's tasks, in recipients."""

    states: dict[str, int]
    reasons: dict[str, int]
    in_tasks: int
    confirmed: int
    calls: int
    waves: int
    ends_at: datetime | None


class BroadcastItem(Schema):
    id: int
    name: str
    state: str
    account: str
    channel: str
    is_for_groups: bool
    audience_count: int
    planned_count: int
    scheduled_at: datetime | None
    created_by: str
    created_at: datetime
    submitted_by: str
    decided_by: str
    started_at: datetime | None
    finished_at: datetime | None
    problem: str
    counts: CountsItem


class BroadcastPage(Schema):
    items: list[BroadcastItem]
    next_cursor: str | None


class BroadcastDetail(BroadcastItem):
    text: str
    attachments: list[dict[str, Any]]
    audience: dict[str, Any]
    staff: list[str]
    spread_minutes: int
    confirm_days: int
    submitted_at: datetime | None
    decided_at: datetime | None
    note: str
    stopped_by: str
    stopped_at: datetime | None
    reminded_at: datetime | None
    recalled_at: datetime | None
    counted_at: datetime | None


class DraftBody(Schema):
    """See `broadcasts.types` for audiences. scheduled_at: null = as soon as approved."""

    name: str
    account: str
    channel: str
    text: str = ""
    audience: dict[str, Any]
    attachments: list[dict[str, Any]] = []
    staff: list[str] = []
    scheduled_at: datetime | None = None
    spread_minutes: int = 0
    confirm_days: int = 2


class NoteBody(Schema):
    note: str


class ReasonItem(Schema):
    reason: str
    count: int


class SenderCount(Schema):
    sender: str
    count: int


class LeftItem(Schema):
    """left: messages a customer may still get in this period, null = no limit."""

    left: int | None
    count: int


class SampleItem(Schema):
    customer_id: int
    name: str
    text: str
    reason: str


class PreviewItem(Schema):
    audience: int
    allowed: int
    reasons: list[ReasonItem]
    senders: list[SenderCount]
    sender_count: int
    left: list[LeftItem]
    tasks: int
    most_tasks: int
    is_personal: bool
    samples: list[SampleItem]
    quiet_until: datetime | None


class SenderItem(Schema):
    account: str
    sender: str
    states: dict[str, int]
    reasons: dict[str, int]
    tasks: int
    confirmed: int
    cancelled: int
    reminders: int
    confirmed_at: datetime | None


class SenderList(Schema):
    items: list[SenderItem]


class ChannelChoice(Schema):
    account: str
    name: str
    zh: str
    en: str
    needs_staff: bool
    is_for_groups: bool
    max_chars: int
    attachments: list[str]
    is_single: bool
    has_trial: bool


class ChannelChoices(Schema):
    items: list[ChannelChoice]


class ApprovalBody(Schema):
    """alone_limit: recipients up to which one may approve what one submitted."""

    alone_limit: int


class MissedList(Schema):
    items: list[ReasonItem]


class AgainBody(Schema):
    """reasons: of those that `missed` lists."""

    reasons: list[str]


class MadeBroadcast(Schema):
    id: int


@router.get("/broadcasts", response=BroadcastPage, operation_id="list_broadcasts")
def list_broadcasts(
    request: HttpRequest, state: str = "", cursor: str | None = None, limit: int = 30
) -> BroadcastPage:
    """All broadcasts, the newest first."""
    page = queries.list_broadcasts(actor_of(request), state=state, cursor=cursor, limit=limit)
    return BroadcastPage(
        items=[BroadcastItem(**_plain(row)) for row in page.items], next_cursor=page.next_cursor
    )


@router.get("/broadcasts/channels", response=ChannelChoices, operation_id="broadcast_channels")
def broadcast_channels(request: HttpRequest) -> ChannelChoices:
    """By which accounts and channels one may broadcast."""
    require(actor_of(request), "broadcast:read")
    return ChannelChoices(items=[ChannelChoice(**asdict(one)) for one in list_channels()])


@router.get("/broadcasts/approval", response=ApprovalBody, operation_id="get_broadcast_approval")
def get_approval(request: HttpRequest) -> ApprovalBody:
    """When a second person must approve."""
    require(actor_of(request), "broadcast:read")
    return ApprovalBody(alone_limit=get_alone_limit())


@router.put("/broadcasts/approval", response=ApprovalBody, operation_id="set_broadcast_approval")
def set_approval(request: HttpRequest, body: ApprovalBody) -> ApprovalBody:
    """Change it; the owner only."""
    actions.set_alone_limit(actor_of(request), body.alone_limit, now=_now())
    return body


@router.post("/broadcasts/preview", response=PreviewItem, operation_id="preview_broadcast")
def preview_broadcast(request: HttpRequest, body: DraftBody) -> PreviewItem:
    """A dry run: who would get it, who not and why, and how it reads."""
    found = preview(actor_of(request), Draft(**body.dict()), now=_now())
    senders = sorted(found.count.senders.items(), key=lambda pair: (-pair[1], pair[0]))
    left = sorted(found.count.left.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    reasons = sorted(found.count.reasons.items(), key=lambda pair: -pair[1])
    return PreviewItem(
        audience=found.audience,
        allowed=found.count.allowed,
        reasons=[ReasonItem(reason=why, count=count) for why, count in reasons],
        senders=[SenderCount(sender=who, count=count) for who, count in senders[:50]],
        sender_count=len(senders),
        left=[LeftItem(left=number, count=count) for number, count in left],
        tasks=found.tasks,
        most_tasks=found.most_tasks,
        is_personal=found.is_personal,
        samples=[SampleItem(**asdict(sample)) for sample in found.samples],
        quiet_until=found.quiet_until,
    )


@router.post("/broadcasts", response={201: MadeBroadcast}, operation_id="create_broadcast")
def create_broadcast(request: HttpRequest, body: DraftBody) -> Status[MadeBroadcast]:
    """Keep a draft."""
    made = actions.create_broadcast(actor_of(request), Draft(**body.dict()), now=_now())
    return Status(201, MadeBroadcast(id=made))


@router.get(
    "/broadcasts/{int:broadcast_id}", response=BroadcastDetail, operation_id="get_broadcast"
)
def get_broadcast(request: HttpRequest, broadcast_id: int) -> BroadcastDetail:
    """One broadcast with its counts."""
    return BroadcastDetail(**_plain(queries.get_broadcast(actor_of(request), broadcast_id)))


@router.put("/broadcasts/{int:broadcast_id}", response={204: None}, operation_id="update_broadcast")
def update_broadcast(request: HttpRequest, broadcast_id: int, body: DraftBody) -> Status[None]:
    """Change a draft."""
    actions.update_broadcast(actor_of(request), broadcast_id, Draft(**body.dict()), now=_now())
    return Status(204, None)


@router.delete(
    "/broadcasts/{int:broadcast_id}", response={204: None}, operation_id="delete_broadcast"
)
def delete_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Delete a draft."""
    actions.archive_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.get(
    "/broadcasts/{int:broadcast_id}/senders",
    response=SenderList,
    operation_id="list_broadcast_senders",
)
def list_senders(request: HttpRequest, broadcast_id: int) -> SenderList:
    """How far each sender is, those with most left first."""
    rows = queries.list_senders(actor_of(request), broadcast_id)
    return SenderList(items=[SenderItem(**asdict(row)) for row in rows])


@router.get(
    "/broadcasts/{int:broadcast_id}/missed",
    response=MissedList,
    operation_id="list_broadcast_missed",
)
def list_missed(request: HttpRequest, broadcast_id: int) -> MissedList:
    """Why people or groups surely got nothing, and how many."""
    found = queries.list_missed(actor_of(request), broadcast_id)
    return MissedList(items=[ReasonItem(reason=why, count=count) for why, count in found.items()])


@router.post(
    "/broadcasts/{int:broadcast_id}/again",
    response={201: MadeBroadcast},
    operation_id="repeat_broadcast",
)
def repeat_broadcast(
    request: HttpRequest, broadcast_id: int, body: AgainBody
) -> Status[MadeBroadcast]:
    """A draft for whom an ended broadcast did not reach."""
    made = actions.repeat_broadcast(actor_of(request), broadcast_id, body.reasons, now=_now())
    return Status(201, MadeBroadcast(id=made))


@router.get("/broadcasts/{int:broadcast_id}/results.csv", operation_id="export_broadcast")
def export_broadcast(request: HttpRequest, broadcast_id: int) -> StreamingHttpResponse:
    """Every recipient with his result, as CSV."""
    rows = queries.stream_results(actor_of(request), broadcast_id, now=_now())
    return answer_csv(f"broadcast-{broadcast_id}.csv", queries.EXPORT_HEADER, rows)


@router.post(
    "/broadcasts/{int:broadcast_id}/submit", response={204: None}, operation_id="submit_broadcast"
)
def submit_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Ask for approval."""
    actions.submit_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/approve",
    response={204: None},
    operation_id="approve_broadcast",
)
def approve_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Freeze the audience and send at its time."""
    actions.approve_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/reject", response={204: None}, operation_id="reject_broadcast"
)
def reject_broadcast(request: HttpRequest, broadcast_id: int, body: NoteBody) -> Status[None]:
    """Send it back to its author."""
    actions.reject_broadcast(actor_of(request), broadcast_id, body.note, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/pause", response={204: None}, operation_id="pause_broadcast"
)
def pause_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Hold what has not gone out."""
    actions.pause_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/resume", response={204: None}, operation_id="resume_broadcast"
)
def resume_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Go on."""
    actions.resume_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/stop", response={204: None}, operation_id="stop_broadcast"
)
def stop_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Stop for good what has not gone out."""
    actions.stop_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/remind", response={204: None}, operation_id="remind_broadcast"
)
def remind_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Remind the staff who have not confirmed."""
    actions.remind_staff(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


@router.post(
    "/broadcasts/{int:broadcast_id}/recall", response={204: None}, operation_id="recall_broadcast"
)
def recall_broadcast(request: HttpRequest, broadcast_id: int) -> Status[None]:
    """Stop, and take unconfirmed tasks back from the staff."""
    actions.recall_broadcast(actor_of(request), broadcast_id, now=_now())
    return Status(204, None)


def _now() -> datetime:
    return runtime().clock.now()


def _plain(row: BroadcastView) -> dict[str, Any]:
    return asdict(row)
