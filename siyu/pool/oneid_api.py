"""Routes of the review queue, the poison list, the rules and rebuilds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.kernel.paging import Page
from siyu.pool import (
    evidence,
    oneid_queries,
    oneid_routes,
    poisoning,
    rebuilding,
    reviewing,
    ruling,
)
from siyu.pool.oneid_types import RebuildRow
from siyu.pool.reviewing import Verdict
from siyu.pool.routes import ReasonIn

router = Router(tags=["oneid"])
Id = Annotated[int, Path(ge=1, lt=2**63)]
Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _now() -> datetime:
    return runtime().clock.now()


@router.get("/conflicts", response=oneid_routes.ConflictPageOut, operation_id="list_conflicts")
def list_conflicts(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Page[Any]:
    """What the rules refused to join, for a person to judge; both sides shown."""
    return evidence.list_conflicts(actor_of(request), cursor, limit)


@router.post(
    "/conflicts/{conflict_id}/decide",
    response=oneid_routes.DecidedOut,
    operation_id="decide_conflict",
)
def decide_conflict(
    request: HttpRequest, conflict_id: Id, body: oneid_routes.DecideIn
) -> dict[str, int]:
    """One person, two people, or a value that is nobody's."""
    decision = reviewing.decide_conflict(
        actor_of(request),
        conflict_id,
        Verdict(body.verdict),
        reason=body.reason,
        identity_id=body.identity_id,
        now=_now(),
    )
    return {"id": decision}


@router.get("/decisions", response=oneid_routes.DecisionPageOut, operation_id="list_decisions")
def list_decisions(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Page[Any]:
    """What was decided, by whom and why."""
    return oneid_queries.list_decisions(actor_of(request), cursor, limit)


@router.post("/decisions/{decision_id}/undo", response={204: None}, operation_id="undo_decision")
def undo_decision(request: HttpRequest, decision_id: Id, body: ReasonIn) -> Status[None]:
    """Take a decision back."""
    reviewing.undo_decision(actor_of(request), decision_id, reason=body.reason, now=_now())
    return Status(204, None)


@router.get("/poison", response=oneid_routes.PoisonPageOut, operation_id="list_poison")
def list_poison(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Page[Any]:
    """Values that are nobody's, as people listed them."""
    return poisoning.list_poison(actor_of(request), cursor, limit)


@router.post("/poison", response=oneid_routes.DecidedOut, operation_id="block_value")
def block_value(request: HttpRequest, body: oneid_routes.PoisonIn) -> dict[str, int]:
    """Put a value or a pattern on the list."""
    entry = poisoning.block_value(
        actor_of(request),
        body.namespace,
        body.value,
        is_pattern=body.is_pattern,
        reason=body.reason,
        now=_now(),
    )
    return {"id": entry}


@router.post("/poison/{entry_id}/remove", response={204: None}, operation_id="unblock_value")
def unblock_value(request: HttpRequest, entry_id: Id, body: ReasonIn) -> Status[None]:
    """Take an entry off the list."""
    poisoning.unblock_value(actor_of(request), entry_id, reason=body.reason, now=_now())
    return Status(204, None)


@router.get("/identity-rules", response=oneid_routes.RulesOut, operation_id="list_identity_rules")
def list_identity_rules(request: HttpRequest) -> dict[str, Any]:
    """The rules in force and how they came about."""
    actor = actor_of(request)
    require(actor, "customer:merge")
    return {
        "items": oneid_queries.list_rules(actor),
        "overrides": ruling.in_force(),
        "versions": oneid_queries.list_versions(actor),
    }


@router.post("/rebuilds", response=oneid_routes.RebuildOut, operation_id="ask_rebuild")
def ask_rebuild(request: HttpRequest, body: oneid_routes.RebuildIn) -> RebuildRow:
    """Preview what rules would change, or put them in force and recompute everybody."""
    actor = actor_of(request)
    asked = rebuilding.ask_rebuild(
        actor,
        is_preview=body.is_preview,
        overrides=body.overrides,
        reason=body.reason,
        now=_now(),
    )
    return oneid_queries.get_rebuild(actor, asked)


@router.get("/rebuilds", response=oneid_routes.RebuildListOut, operation_id="list_rebuilds")
def list_rebuilds(request: HttpRequest) -> dict[str, list[RebuildRow]]:
    """The latest rebuilds and previews."""
    return {"items": oneid_queries.list_rebuilds(actor_of(request))}


@router.get("/rebuilds/{rebuild_id}", response=oneid_routes.RebuildOut, operation_id="get_rebuild")
def get_rebuild(request: HttpRequest, rebuild_id: Id) -> RebuildRow:
    """How far a rebuild is, and what it found."""
    return oneid_queries.get_rebuild(actor_of(request), rebuild_id)
