"""Routes of journeys."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.journeys import actions, queries
from siyu.journeys.templates import TEMPLATES
from siyu.journeys.types import JourneyView

router = Router(tags=["journeys"])


class JourneyItem(Schema):
    id: int
    name: str
    state: str
    version: int
    entered: int
    active: int
    goals: int
    updated_at: datetime


class JourneyList(Schema):
    items: list[JourneyItem]


class NodeItem(Schema):
    id: str
    entered: int
    waiting: int
    left: int


class JourneyDetail(JourneyItem):
    definition: dict[str, Any]
    nodes: list[NodeItem]
    exits: dict[str, int]


class JourneyBody(Schema):
    name: str
    definition: dict[str, Any]


class StepItem(Schema):
    node: str
    at: datetime
    outcome: str


class EntryItem(Schema):
    id: int
    customer_id: int
    customer_name: str
    state: str
    node: str
    entered_at: datetime
    due_at: datetime | None
    exit_reason: str
    path: list[StepItem]


class EntryPage(Schema):
    items: list[EntryItem]
    next_cursor: str | None


class TemplateItem(Schema):
    key: str
    zh: str
    en: str
    definition: dict[str, Any]


class TemplateList(Schema):
    items: list[TemplateItem]


@router.get("/journeys", response=JourneyList, operation_id="list_journeys")
def list_journeys(request: HttpRequest) -> JourneyList:
    """All journeys with how many people entered, are inside and reached the goal."""
    rows = queries.list_journeys(actor_of(request))
    return JourneyList(items=[JourneyItem(**asdict(row)) for row in rows])


@router.get("/journeys/templates", response=TemplateList, operation_id="list_journey_templates")
def list_journey_templates(request: HttpRequest) -> TemplateList:
    """Journeys to start from."""
    require(actor_of(request), "journey:read")
    return TemplateList(items=[TemplateItem(**asdict(template)) for template in TEMPLATES])


@router.post("/journeys", response=JourneyDetail, operation_id="create_journey")
def create_journey(request: HttpRequest, body: JourneyBody) -> JourneyDetail:
    """Keep a draft."""
    actor = actor_of(request)
    now = runtime().clock.now()
    journey_id = actions.create_journey(actor, body.name, body.definition, now=now)
    return _detail(queries.get_journey(actor, journey_id))


@router.get("/journeys/{journey_id}", response=JourneyDetail, operation_id="get_journey")
def get_journey(request: HttpRequest, journey_id: int) -> JourneyDetail:
    """One journey with its definition and the counts of every node."""
    return _detail(queries.get_journey(actor_of(request), journey_id))


@router.put("/journeys/{journey_id}", response=JourneyDetail, operation_id="update_journey")
def update_journey(request: HttpRequest, journey_id: int, body: JourneyBody) -> JourneyDetail:
    """Change the draft."""
    actor = actor_of(request)
    now = runtime().clock.now()
    actions.update_journey(actor, journey_id, name=body.name, definition=body.definition, now=now)
    return _detail(queries.get_journey(actor, journey_id))


@router.post(
    "/journeys/{journey_id}/publish", response=JourneyDetail, operation_id="publish_journey"
)
def publish_journey(request: HttpRequest, journey_id: int) -> JourneyDetail:
    """Check the draft and let new people walk it."""
    actor = actor_of(request)
    actions.publish_journey(actor, journey_id, now=runtime().clock.now())
    return _detail(queries.get_journey(actor, journey_id))


@router.post("/journeys/{journey_id}/pause", response=JourneyDetail, operation_id="pause_journey")
def pause_journey(request: HttpRequest, journey_id: int) -> JourneyDetail:
    """Stop entries and sends, freeze timers."""
    actor = actor_of(request)
    actions.pause_journey(actor, journey_id, now=runtime().clock.now())
    return _detail(queries.get_journey(actor, journey_id))


@router.post("/journeys/{journey_id}/resume", response=JourneyDetail, operation_id="resume_journey")
def resume_journey(request: HttpRequest, journey_id: int) -> JourneyDetail:
    """Go on where the pause began."""
    actor = actor_of(request)
    actions.resume_journey(actor, journey_id, now=runtime().clock.now())
    return _detail(queries.get_journey(actor, journey_id))


@router.get(
    "/journeys/{journey_id}/entries", response=EntryPage, operation_id="list_journey_entries"
)
def list_journey_entries(
    request: HttpRequest, journey_id: int, cursor: str | None = None, limit: int = 50
) -> EntryPage:
    """The people of a journey and their paths."""
    page = queries.list_entries(actor_of(request), journey_id, cursor=cursor, limit=limit)
    return EntryPage(
        items=[EntryItem(**asdict(row)) for row in page.items], next_cursor=page.next_cursor
    )


def _detail(view: JourneyView) -> JourneyDetail:
    return JourneyDetail(
        **asdict(view.row),
        definition=view.definition,
        nodes=[NodeItem(**asdict(node)) for node in view.nodes],
        exits=view.exits,
    )
