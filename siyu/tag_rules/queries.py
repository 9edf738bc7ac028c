"""Reads of tag rules, and who uses a tag or a field."""

from __future__ import annotations

from siyu.core.access import SYSTEM, Actor, require
from siyu.pool import queries as pool
from siyu.segments import queries as segments
from siyu.tag_rules.models import TagRule
from siyu.tag_rules.rules import CUSTOM, Edge, leaves, tags_read
from siyu.tag_rules.types import RulePreview, TagRuleRow


def source_of(rule_id: int) -> str:
    """By whose word a rule's tags are carried."""
    return f"rule:{rule_id}"


def edge_of(segment_id: int, tag_id: int) -> Edge:
    """What a rule reads and writes. Refused when the segment is gone."""
    return tags_read(segment_id, segments.load_definition), tag_id


def list_rules(actor: Actor) -> list[TagRuleRow]:
    """All rules, the newest first."""
    require(actor, "segment:read")
    names = {row.id: row.name for row in segments.list_segments(actor)}
    tags = {tag.id: tag for tag in pool.list_tags()}
    rows = []
    for rule in TagRule.objects.filter(is_archived=False).order_by("-id"):
        tag = tags.get(rule.tag_id)
        share = rule.sync_done / max(1, rule.sync_total)
        rows.append(
            TagRuleRow(
                id=rule.pk,
                name=rule.name,
                segment_id=rule.segment_id,
                segment=names.get(rule.segment_id, ""),
                tag_id=rule.tag_id,
                tag=tag.name if tag else "",
                tag_group=tag.group if tag else "",
                action=rule.action,
                pause_reason=rule.pause_reason,
                carriers=pool.count_carriers(rule.tag_id, source=source_of(rule.pk)),
                progress=None if rule.sync_after is None else min(1.0, share),
                created_at=rule.created_at,
            )
        )
    return rows


def preview(actor: Actor, segment_id: int, tag_id: int) -> RulePreview:
    """How many are in the segment, and how many of them do not carry the tag."""
    require(actor, "segment:read")
    segments.get_definition(segment_id)
    members = segments.member_ids(segment_id)
    carrying = pool.count_carrying(tag_id, members)
    return RulePreview(len(members), len(members) - carrying)


def users_of_tag(tag_id: int) -> list[str]:
    """Names of the segments that read a tag and the rules that write it."""
    names = [
        row.name
        for row in segments.list_segments(SYSTEM)
        if any(
            node["op"] == "tag" and node["tag_id"] == tag_id
            for node in leaves(segments.load_definition(row.id))
        )
    ]
    rules = TagRule.objects.filter(tag_id=tag_id, is_archived=False).order_by("id")
    return [*names, *rules.values_list("name", flat=True)]


def users_of_field(key: str) -> list[str]:
    """Names of the segments that read a custom field."""
    return [
        row.name
        for row in segments.list_segments(SYSTEM)
        if any(
            node.get("field") == f"{CUSTOM}{key}"
            for node in leaves(segments.load_definition(row.id))
        )
    ]
