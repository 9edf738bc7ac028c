"""Routes of tag rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.tag_rules import actions, queries
from siyu.tag_rules.types import RuleDraft, RulePreview, TagRuleRow

router = Router(tags=["tag_rules"])
Id = Annotated[int, Path(ge=1, lt=2**63)]


class TagRuleOut(Schema):
    """carriers: who carries the tag by this rule. pause_reason: hand, loop, gone or ""."""

    id: int
    name: str
    segment_id: int
    segment: str
    tag_id: int
    tag: str
    tag_group: str
    action: Literal["add", "remove", "both"]
    pause_reason: str
    carriers: int
    progress: float | None
    created_at: datetime


class TagRuleListOut(Schema):
    items: list[TagRuleOut]


class TagRulePreviewIn(Schema):
    segment_id: int = Field(ge=1, lt=2**63)
    tag_id: int = Field(ge=1, lt=2**63)


class TagRuleIn(TagRulePreviewIn):
    name: str = Field(max_length=64)
    action: Literal["add", "remove", "both"]


class TagRulePreviewOut(Schema):
    """members: in the segment now. adding: of them without the tag."""

    members: int
    adding: int


class TagRuleIdOut(Schema):
    id: int


def _now() -> datetime:
    return runtime().clock.now()


@router.get("/tag-rules", response=TagRuleListOut, operation_id="list_tag_rules")
def list_tag_rules(request: HttpRequest) -> dict[str, list[TagRuleRow]]:
    """All tag rules."""
    return {"items": queries.list_rules(actor_of(request))}


@router.post("/tag-rules/preview", response=TagRulePreviewOut, operation_id="preview_tag_rule")
def preview_tag_rule(request: HttpRequest, body: TagRulePreviewIn) -> RulePreview:
    """How many a rule would begin with."""
    return queries.preview(actor_of(request), body.segment_id, body.tag_id)


@router.post("/tag-rules", response=TagRuleIdOut, operation_id="create_tag_rule")
def create_tag_rule(request: HttpRequest, body: TagRuleIn) -> dict[str, int]:
    """A new rule; it begins with the present members."""
    draft = RuleDraft(body.name, body.segment_id, body.tag_id, body.action)
    return {"id": actions.create_rule(actor_of(request), draft, now=_now())}


@router.post("/tag-rules/{rule_id}/pause", response={204: None}, operation_id="pause_tag_rule")
def pause_tag_rule(request: HttpRequest, rule_id: Id) -> Status[None]:
    """Hold a rule."""
    actions.pause_rule(actor_of(request), rule_id, now=_now())
    return Status(204, None)


@router.post("/tag-rules/{rule_id}/resume", response={204: None}, operation_id="resume_tag_rule")
def resume_tag_rule(request: HttpRequest, rule_id: Id) -> Status[None]:
    """Let a rule go on; it catches up."""
    actions.resume_rule(actor_of(request), rule_id, now=_now())
    return Status(204, None)


@router.delete("/tag-rules/{rule_id}", response={204: None}, operation_id="archive_tag_rule")
def archive_tag_rule(request: HttpRequest, rule_id: Id) -> Status[None]:
    """End a rule; the tags it put on stay."""
    actions.archive_rule(actor_of(request), rule_id, now=_now())
    return Status(204, None)
