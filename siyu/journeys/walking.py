"""Moves people on, many at once: due entries are claimed, walked and written in one transaction.

A split is answered outside the transaction (the segments read the whole pool and history), so a
person waits at it until the answer is there. Everything else happens inside: touches are
planned, tags added, timers set and the path written, or nothing of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from siyu.core.accounts import account_names
from siyu.core.writing import insert_rows, write_rows
from siyu.journeys import rules
from siyu.journeys.leaving import COMPLETED, campaign_of
from siyu.journeys.models import Entry, Journey, Step
from siyu.journeys.types import (
    Definition,
    ExitNode,
    Node,
    SendNode,
    SplitNode,
    TagNode,
    WaitNode,
    WelcomeNode,
)
from siyu.journeys.versions import definitions
from siyu.kernel.errors import SiyuError
from siyu.pool import actions as pool_actions
from siyu.pool import queries as pool
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, WELCOME, TouchPlan

log = structlog.get_logger("siyu.journeys")

Evaluate = Callable[[dict[str, Any], Sequence[int], datetime], set[int]]
"""Which of these customers fit a segment definition now."""

TURN_LIMIT = 1_000
WELCOME_EXPIRES = timedelta(minutes=5)
ASK_AGAIN = timedelta(minutes=1)
_WRITTEN = ("node", "awaits", "due_at", "state", "exited_at", "exit_reason")


@dataclass
class _Turn:
    """What one turn writes."""

    now: datetime
    verdicts: Mapping[int, bool]
    visits: Mapping[tuple[int, str], int]
    steps: list[Step] = field(default_factory=list)
    plans: list[TouchPlan] = field(default_factory=list)
    tags: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    source_tags: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))


def advance_due(now: datetime, evaluate: Evaluate, *, limit: int = TURN_LIMIT) -> int:
    """Walk everybody who is due as far as they get; how many moved."""
    live = list(Journey.objects.filter(state="live").values_list("pk", flat=True))
    if not live:
        return 0
    verdicts = _answer_splits(live, now, evaluate, limit)
    with transaction.atomic():
        entries = _claim(live, verdicts, now, limit)
        if not entries:
            return 0
        known = definitions({entry.journey_id for entry in entries})
        turn = _Turn(now, verdicts, _visits(entries, known))
        for entry in entries:
            _walk(entry, known[entry.journey_id, entry.version], turn)
        _write(entries, turn)
    return len(entries)


def _answer_splits(
    live: Sequence[int], now: datetime, evaluate: Evaluate, limit: int
) -> dict[int, bool]:
    """For people who wait at a split: entry id → whether the condition holds."""
    waiting = Entry.objects.filter(
        state="active", awaits="split", due_at__lte=now, journey_id__in=live
    ).order_by("due_at", "id")[:limit]
    groups: dict[tuple[int, int, str], list[Entry]] = defaultdict(list)
    for entry in waiting:
        groups[entry.journey_id, entry.version, entry.node].append(entry)
    known = definitions({entry.journey_id for entry in waiting})
    verdicts: dict[int, bool] = {}
    for (journey_id, version, node_id), entries in groups.items():
        node = known[journey_id, version].by_id[node_id]
        assert isinstance(node, SplitNode)
        try:
            fit = evaluate(node.condition, [entry.customer_id for entry in entries], now)
        except SiyuError as error:
            log.warning("journey.split_failed", journey=journey_id, node=node_id, error=str(error))
            ids = [entry.pk for entry in entries]
            Entry.objects.filter(pk__in=ids).update(due_at=now + ASK_AGAIN)
            continue
        verdicts.update({entry.pk: entry.customer_id in fit for entry in entries})
    return verdicts


def _claim(
    live: Sequence[int], verdicts: Mapping[int, bool], now: datetime, limit: int
) -> list[Entry]:
    """Lock the due ones: those free to go, whose timer ran out, whose split was answered."""
    due = Entry.objects.filter(state="active", due_at__lte=now, journey_id__in=live)
    free = due.filter(awaits__in=("", "wait")).order_by("due_at", "id")
    answered = due.filter(awaits="split", pk__in=list(verdicts))
    if connection.vendor == "postgresql":
        free = free.select_for_update(skip_locked=True)
        answered = answered.select_for_update(skip_locked=True)
    return [*answered, *free[:limit]]


def _visits(
    entries: Sequence[Entry], known: Mapping[tuple[int, int], Definition]
) -> Counter[tuple[int, str]]:
    """How often people on looping journeys were at each node; empty for straight ones."""
    looping = [
        entry.pk
        for entry in entries
        if rules.find_loop(known[entry.journey_id, entry.version], is_timed=True) is not None
    ]
    rows = Step.objects.filter(entry_id__in=looping).values_list("entry_id", "node")
    return Counter((entry_id, node) for entry_id, node in rows)


def _walk(entry: Entry, definition: Definition, turn: _Turn) -> None:
    nodes = definition.by_id
    node: Node | None = nodes[entry.node]
    if entry.awaits:
        node = _resume(entry, nodes, turn)
    while node is not None:
        entry.node = node.id
        outcome, is_waiting = _visit(entry, node, turn)
        turn.steps.append(_step(entry, node.id, outcome, turn.now))
        if is_waiting:
            return
        node = _next(node, nodes)
    if entry.state == "active":
        _finish(entry, COMPLETED, turn.now)


def _resume(entry: Entry, nodes: Mapping[str, Node], turn: _Turn) -> Node | None:
    """Leave the node the person waited at."""
    node = nodes[entry.node]
    entry.awaits = ""
    if isinstance(node, SplitNode):
        branch = "yes" if turn.verdicts[entry.pk] else "no"
        turn.answered[node.id, branch].append(entry.pk)
        target = node.yes if branch == "yes" else node.no
        return nodes[target] if target else None
    return _next(node, nodes)


def _next(node: Node, nodes: Mapping[str, Node]) -> Node | None:
    if isinstance(node, ExitNode | SplitNode) or node.next is None:
        return None
    return nodes[node.next]


def _visit(entry: Entry, node: Node, turn: _Turn) -> tuple[str, bool]:
    """Do what a node says; its outcome, and whether the person stays there."""
    if isinstance(node, WaitNode):
        entry.awaits, entry.due_at = "wait", rules.wait_until(node, turn.now)
        return "waiting", True
    if isinstance(node, SplitNode):
        entry.awaits, entry.due_at = "split", turn.now
        return "", True
    if isinstance(node, ExitNode):
        _finish(entry, node.reason, turn.now)
        return "exited", False
    if isinstance(node, TagNode):
        if node.source:
            turn.source_tags[node.group].append(entry.customer_id)
        else:
            turn.tags[node.group, node.name].append(entry.customer_id)
        return "tagged", False
    turn.plans.append(_plan(entry, node, turn))
    return "planned", False


def _plan(entry: Entry, node: SendNode | WelcomeNode, turn: _Turn) -> TouchPlan:
    if isinstance(node, WelcomeNode):
        channel, purpose, lasting = WELCOME, SERVICE, WELCOME_EXPIRES
    else:
        channel, purpose = node.channel, node.purpose
        lasting = timedelta(hours=node.expires_hours)
    visits = turn.visits.get((entry.pk, node.id), 0)
    return TouchPlan(
        campaign=campaign_of(entry.journey_id),
        version=entry.version,
        step=f"{node.id}#{visits + 1}" if visits else node.id,
        entry_key=entry.entry_key,
        customer_id=entry.customer_id,
        identity_id=entry.identity_id,
        channel=channel,
        template=node.template,
        purpose=purpose,
        due_at=turn.now,
        expires_at=turn.now + lasting,
        context={key: entry.context[key] for key in ("account", "staff") if key in entry.context},
        is_urgent=channel == WELCOME,
    )


def _finish(entry: Entry, reason: str, now: datetime) -> None:
    entry.state, entry.exit_reason, entry.exited_at = "exited", reason[:64], now


def _step(entry: Entry, node: str, outcome: str, now: datetime) -> Step:
    return Step(
        entry_id=entry.pk,
        journey_id=entry.journey_id,
        version=entry.version,
        node=node,
        at=now,
        outcome=outcome,
    )


def _write(entries: Sequence[Entry], turn: _Turn) -> None:
    for (node, branch), ids in turn.answered.items():
        Step.objects.filter(entry_id__in=ids, node=node, outcome="").update(outcome=branch)
    write_rows(entries, _WRITTEN)
    insert_rows(turn.steps)
    reach.plan_touches(turn.plans, now=turn.now)
    _tag_by_source(turn)
    if turn.tags:
        tag_ids = pool_actions.ensure_tags(turn.tags, now=turn.now)
        hangings = [(tag_ids[tag], people, "journey") for tag, people in turn.tags.items()]
        pool_actions.hang_tags(hangings, now=turn.now)


def _tag_by_source(turn: _Turn) -> None:
    """Turn "tag by source" into named tags; people without a known source get none.

    Who came to an account by no known way gets the account's name: staff read it at the platform.
    """
    names = account_names() if turn.source_tags else {}
    for group, customer_ids in turn.source_tags.items():
        values = pool.profile_values(customer_ids)
        for customer_id in customer_ids:
            source = str(values.get(customer_id, {}).get("first_source") or "")
            if source:
                turn.tags[group, names.get(source, source)].append(customer_id)
