"""Catching up: a segment's members and a rule's carriers come to agree, set by set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db import transaction

from siyu.core.runtime import runtime
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.segments import queries as segments
from siyu.tag_rules.models import TagRule
from siyu.tag_rules.queries import source_of

RULE = "rule"
AUTOMATIC = (RULE, "journey")
AT_ONCE = 20_000


def work_on_rules() -> bool:
    """A turn of each rule that catches up; True when there may be more."""
    waiting = TagRule.objects.filter(is_archived=False, pause_reason="").exclude(sync_after=None)
    ids = list(waiting.order_by("id").values_list("pk", flat=True))
    for rule_id in ids:
        with transaction.atomic():
            _turn(TagRule.objects.get(pk=rule_id), runtime().clock.now())
    return bool(ids)


def _turn(rule: TagRule, now: datetime) -> None:
    """The next customers, by id, of all who are in the segment or carry the rule's tag."""
    members = np.array(segments.member_ids(rule.segment_id), dtype=np.int64)
    carriers = np.fromiter(
        pool_queries.carriers_of(rule.tag_id, source=source_of(rule.pk)), dtype=np.int64
    )
    everybody = np.union1d(members, carriers)
    some = everybody[everybody > (rule.sync_after or 0)][:AT_ONCE]
    sync(rule, some.tolist(), set(np.intersect1d(some, members).tolist()), now)
    rule.sync_total = len(everybody)
    rule.sync_done = int(np.searchsorted(everybody, some[-1], "right")) if len(some) else 0
    rule.sync_after = int(some[-1]) if len(some) == AT_ONCE else None
    rule.save(update_fields=["sync_total", "sync_done", "sync_after"])


def sync(rule: TagRule, people: Iterable[int], members: set[int], now: datetime) -> None:
    """Make the tags of these customers agree with who of them is in the segment.

    Who carries the rule's tag already keeps the time he got it.
    """
    source = source_of(rule.pk)
    everybody = set(people)
    carrying = pool_queries.carriers_of(rule.tag_id, source=source, customer_ids=everybody)
    if rule.action in {"add", "both"} and members - carrying:
        pool.hang_tags([(rule.tag_id, members - carrying, RULE)], now=now, source=source)
    if rule.action == "both" and carrying - members:
        take_off(rule, carrying - members, now)


def take_off(rule: TagRule, people: Iterable[int], now: datetime) -> None:
    """Take off what this rule put on; a rule that only takes off, what any automation put on."""
    own = rule.action == "both"
    pool.take_tags(
        people,
        rule.tag_id,
        origins=(RULE,) if own else AUTOMATIC,
        source=source_of(rule.pk) if own else "",
        now=now,
    )
