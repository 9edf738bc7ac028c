"""Routes of the ledger, the reachable channels and the sending policy."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.pool import queries as pool
from siyu.reach import actions, queries
from siyu.reach.policy import format_minutes, parse_minutes
from siyu.reach.types import Policy, TouchFilter

router = Router(tags=["reach"])


class TouchItem(Schema):
    id: int
    campaign: str
    step: str
    customer_id: int
    customer_name: str
    channel: str
    account: str
    sender: str
    state: str
    reason: str
    text_preview: str
    planned_at: datetime
    due_at: datetime
    handed_at: datetime | None
    done_at: datetime | None
    purpose: str


class TouchPage(Schema):
    items: list[TouchItem]
    next_cursor: str | None


class ReasonCount(Schema):
    reason: str
    count: int


class ChannelCount(Schema):
    channel: str
    state: str
    count: int


class TouchCounts(Schema):
    states: dict[str, int]
    reasons: list[ReasonCount]
    channels: list[ChannelCount]


class ChannelItem(Schema):
    channel: str
    account: str
    sender: str
    identity_id: int | None
    is_open: bool
    reason: str
    until: datetime | None
    remaining: int | None
    cost_fen: int


class ChannelList(Schema):
    items: list[ChannelItem]


class TouchQuery(Schema):
    state: str = ""
    channel: str = ""
    campaign: str = ""
    customer_id: int | None = None


class PolicyBody(Schema):
    """quiet_start, quiet_end: `22:00` in Shanghai; cap_count in any cap_days days."""

    quiet_start: str
    quiet_end: str
    cap_count: int
    cap_days: int


@router.get("/touches", response=TouchPage, operation_id="list_touches")
def list_touches(
    request: HttpRequest,
    wanted: Query[TouchQuery],
    cursor: str | None = None,
    limit: int = 50,
) -> TouchPage:
    """The ledger, newest first."""
    filters = TouchFilter(wanted.state, wanted.channel, wanted.campaign, wanted.customer_id)
    page = queries.list_touches(actor_of(request), filters, cursor=cursor, limit=limit)
    return TouchPage(
        items=[TouchItem(**asdict(row)) for row in page.items], next_cursor=page.next_cursor
    )


@router.get("/touches/summary", response=TouchCounts, operation_id="summarise_touches")
def summarise_touches(
    request: HttpRequest, campaign: str = "", customer_id: int | None = None
) -> TouchCounts:
    """How many touches are in which state, and why the rest did not arrive."""
    filters = TouchFilter(campaign=campaign, customer_id=customer_id)
    found = queries.touch_summary(actor_of(request), filters)
    return TouchCounts(
        states=dict(found.states),
        reasons=[ReasonCount(reason=why, count=count) for why, count in found.reasons.items()],
        channels=[
            ChannelCount(channel=channel, state=state, count=count)
            for (channel, state), count in sorted(found.channels.items())
        ],
    )


@router.get(
    "/customers/{customer_id}/channels",
    response=ChannelList,
    operation_id="list_customer_channels",
)
def list_customer_channels(request: HttpRequest, customer_id: int) -> ChannelList:
    """By which channels this customer can be reached now, and why not by the others."""
    row = pool.get_customer(actor_of(request), customer_id).row
    found = queries.open_channels([row.id], runtime().clock.now())[row.id]
    return ChannelList(
        items=[
            ChannelItem(
                channel=route.channel,
                account=route.account,
                sender=route.sender,
                identity_id=route.identity_id,
                is_open=not route.reason_if_closed,
                reason=route.reason_if_closed,
                until=route.until,
                remaining=route.remaining,
                cost_fen=route.cost_fen,
            )
            for route in found
        ]
    )


@router.get("/reach/policy", response=PolicyBody, operation_id="get_policy")
def get_policy(request: HttpRequest) -> PolicyBody:
    """Quiet hours and the frequency cap."""
    queries.visible_touches(actor_of(request))
    return _policy_body(queries.get_policy())


@router.put("/reach/policy", response=PolicyBody, operation_id="update_policy")
def update_policy(request: HttpRequest, body: PolicyBody) -> PolicyBody:
    """Change them; holds for every send decided from now on."""
    policy = Policy(
        quiet_start=parse_minutes(body.quiet_start, field="quiet_start"),
        quiet_end=parse_minutes(body.quiet_end, field="quiet_end"),
        cap_count=body.cap_count,
        cap_days=body.cap_days,
    )
    actions.update_policy(actor_of(request), policy, now=runtime().clock.now())
    return _policy_body(policy)


def _policy_body(policy: Policy) -> PolicyBody:
    return PolicyBody(
        quiet_start=format_minutes(policy.quiet_start),
        quiet_end=format_minutes(policy.quiet_end),
        cap_count=policy.cap_count,
        cap_days=policy.cap_days,
    )
