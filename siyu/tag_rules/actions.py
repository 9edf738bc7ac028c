"""Writes of tag rules, and what they do when somebody enters or leaves a segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.pool.types import Move, customers_of
from siyu.segments import queries as segments
from siyu.segments.types import MembershipChange
from siyu.tag_rules.models import TagRule
from siyu.tag_rules.queries import edge_of, source_of
from siyu.tag_rules.rules import Edge, is_circular
from siyu.tag_rules.syncing import RULE, sync, take_off, work_on_rules
from siyu.tag_rules.types import ACTIONS, BY_HAND, GONE, LOOP, RuleDraft

__all__ = [
    "archive_rule",
    "create_rule",
    "hear",
    "on_customers_moved",
    "pause_rule",
    "resume_rule",
    "work_on_rules",
]

MANY = 200


def create_rule(actor: Actor, draft: RuleDraft, *, now: datetime) -> int:
    """A rule that begins with the segment's present members; its id.

    Conflict when its segment depends on its own tag, directly or through other rules.
    """
    require(actor, "tag:write")
    require(actor, "segment:write")
    name = draft.name.strip()
    if not 0 < len(name) <= 64 or "\x00" in name:
        raise Refused("tag_rule.name", "名称须为 1 至 64 个字", field="name")
    if draft.action not in ACTIONS:
        raise Refused("tag_rule.action", "没有这种动作", field="action")
    with transaction.atomic():
        _require_tag(draft.tag_id)
        segments.get_definition(draft.segment_id)
        if is_circular(edge_of(draft.segment_id, draft.tag_id), _edges()):
            reason = "这个人群依赖规则自己打的标签, 会无休止地循环"
            raise Conflict("tag_rule.loop", reason, field="segment_id")
        rule = TagRule.objects.create(
            name=name,
            segment_id=draft.segment_id,
            tag_id=draft.tag_id,
            action=draft.action,
            sync_after=0,
            created_at=now,
            updated_at=now,
        )
        detail = {"segment": draft.segment_id, "tag": draft.tag_id, "action": draft.action}
        record_audit(actor, "create_tag_rule", f"tag_rule:{rule.pk}", now=now, detail=detail)
    return int(rule.pk)


def pause_rule(actor: Actor, rule_id: int, *, now: datetime) -> None:
    """Nobody gets or loses the tag by this rule until it goes on."""
    require(actor, "tag:write")
    with transaction.atomic():
        _get(rule_id)
        TagRule.objects.filter(pk=rule_id).update(pause_reason=BY_HAND, updated_at=now)
        record_audit(actor, "pause_tag_rule", f"tag_rule:{rule_id}", now=now)


def resume_rule(actor: Actor, rule_id: int, *, now: datetime) -> None:
    """Go on, catching up with who entered and left meanwhile. Conflict while it would loop."""
    require(actor, "tag:write")
    with transaction.atomic():
        rule = _get(rule_id)
        _require_tag(rule.tag_id)
        if is_circular(edge_of(rule.segment_id, rule.tag_id), _edges(but=rule_id)):
            reason = "这个人群依赖规则自己打的标签, 会无休止地循环"
            raise Conflict("tag_rule.loop", reason, field="segment_id")
        TagRule.objects.filter(pk=rule_id).update(
            pause_reason="", sync_after=0, sync_done=0, updated_at=now
        )
        record_audit(actor, "resume_tag_rule", f"tag_rule:{rule_id}", now=now)


def archive_rule(actor: Actor, rule_id: int, *, now: datetime) -> None:
    """End a rule; the tags it put on stay."""
    require(actor, "tag:write")
    with transaction.atomic():
        _get(rule_id)
        TagRule.objects.filter(pk=rule_id).update(is_archived=True, sync_after=None, updated_at=now)
        record_audit(actor, "archive_tag_rule", f"tag_rule:{rule_id}", now=now)


def hear(changes: list[MembershipChange], now: datetime) -> None:
    """Entries and exits of segments, in the transaction that writes them."""
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for change in changes:
        sides[change.segment_id][0 if change.is_member else 1].add(change.customer_id)
    for rule in _running(sides):
        entered, left = sides[rule.segment_id]
        if rule.action in {"add", "both"} and entered:
            pool.hang_tags([(rule.tag_id, entered, RULE)], now=now, source=source_of(rule.pk))
        if rule.action in {"remove", "both"} and left:
            take_off(rule, left, now)


def on_customers_moved(moves: list[Move], now: datetime) -> None:
    """A merge or a split: what rules put on follows memberships, not identities."""
    people = customers_of(moves)
    segment_ids = TagRule.objects.filter(is_archived=False).values_list("segment_id", flat=True)
    for rule in _running(set(segment_ids)):
        if rule.action != "remove":
            sync(rule, people, _members_among(rule.segment_id, people), now)


def _members_among(segment_id: int, people: set[int]) -> set[int]:
    if len(people) > MANY:
        return people.intersection(segments.member_ids(segment_id))
    return {who for who in people if segment_id in segments.segments_of(who)}


def _running(segment_ids: Iterable[int]) -> list[TagRule]:
    """The rules of these segments that run; those that may not any more are paused."""
    rules = TagRule.objects.filter(
        segment_id__in=list(segment_ids), pause_reason="", is_archived=False
    )
    found = list(rules.order_by("id"))
    if not found:
        return []
    usable = {tag.id for tag in pool_queries.list_tags()}
    running = []
    for rule in found:
        reason = "" if rule.tag_id in usable else GONE
        if not reason and _loops(rule):
            reason = LOOP
        if reason:
            TagRule.objects.filter(pk=rule.pk).update(pause_reason=reason)
        else:
            running.append(rule)
    return running


def _loops(rule: TagRule) -> bool:
    try:
        return is_circular(edge_of(rule.segment_id, rule.tag_id), _edges(but=rule.pk))
    except Refused:
        return False


def _edges(but: int = 0) -> list[Edge]:
    """What the other rules that run read and write."""
    found = []
    others = TagRule.objects.filter(is_archived=False, pause_reason="").exclude(pk=but)
    for segment_id, tag_id in others.values_list("segment_id", "tag_id"):
        with suppress(Refused):
            found.append(edge_of(segment_id, tag_id))
    return found


def _require_tag(tag_id: int) -> None:
    if tag_id not in {tag.id for tag in pool_queries.list_tags()}:
        raise NotFound("tag.missing", "标签不存在", field="tag_id")


def _get(rule_id: int) -> TagRule:
    found = TagRule.objects.filter(pk=rule_id, is_archived=False).first()
    if found is None:
        raise NotFound("tag_rule.missing", "没有这条标签规则")
    return found
