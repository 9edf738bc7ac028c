"""Automatic replies: inside the callback where the platform allows it, else by the ledger."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from siyu.core.accounts import connector, manifests
from siyu.core.intake.answering import Answered
from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import SiyuError
from siyu.materials.queries import living_media
from siyu.ports import facts
from siyu.ports.facts import Fact
from siyu.ports.manifest import Channel
from siyu.reach import actions as reach
from siyu.reach.types import SERVICE, TouchPlan
from siyu.talk.auto_rules import DEFAULT, Rule, choose
from siyu.talk.models import AutoReply

FRESH_SECONDS = 1.5
CAMPAIGN = "auto_reply"
LIFE = timedelta(minutes=10)
_HEARD = (facts.MESSAGE_RECEIVED, facts.FOLLOWED, facts.MENU_CLICKED)


def load_rules() -> list[Rule]:
    """The replies in use, in order; one whose picture is not at the platform yet is left out."""
    rows = list(AutoReply.objects.filter(is_active=True).order_by("position", "id"))
    said = sayable_replies(rows, runtime().clock.now())
    return [
        Rule(row.pk, row.account, row.trigger, row.match, tuple(row.words), said[row.pk])
        for row in rows
        if row.pk in said
    ]


def sayable_replies(rows: Iterable[AutoReply], now: datetime) -> dict[int, dict[str, str]]:
    """What each row says, with a living media id where it is one of our pictures, by row."""
    said: dict[int, dict[str, str]] = {}
    pictures: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        material = picture_of(row.reply).get("material")
        if isinstance(material, int):
            pictures[row.account][row.pk] = material
        else:
            said[row.pk] = dict(row.reply)
    for account, wanted in pictures.items():
        living = living_media(account, wanted.values(), now=now)
        for pk, material in wanted.items():
            if material in living:
                said[pk] = {"kind": "image", "media_id": living[material]}
    return said


def picture_of(reply: Mapping[str, str]) -> dict[str, object]:
    """The picture of a reply as attachments name it; without `material` when it names none."""
    material = reply.get("material", "")
    given = int(material) if material.isascii() and material.isdigit() else None
    return {"kind": "image", "material": given} if given is not None else {"kind": "image"}


class QuickAnswers:
    """The `Answerer` of a web process: rules in memory, read again every 1.5 seconds at most."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._read_at = float("-inf")

    def is_fresh(self) -> bool:
        """Whether the rules were read within the last seconds."""
        return time.monotonic() - self._read_at < FRESH_SECONDS

    def refresh(self) -> None:
        """Read the rules."""
        self._rules = load_rules()
        self._read_at = time.monotonic()

    def answer(self, account: str, facts: Sequence[Fact]) -> Answered | None:
        """What to say to the first fact that a rule fits."""
        del account
        for fact in facts:
            rule = choose(self._rules, fact)
            if rule is not None and fact.identities:
                return Answered(rule.reply, _said(fact, rule))
        return None


def answer_by_ledger(batch: Batch) -> None:
    """Stage: plan replies on platforms whose callbacks carry none; count all that were given."""
    _count_given(batch)
    asked = [seen for seen in batch.named(*_HEARD) if _may_answer(seen)]
    rules = load_rules() if asked else []
    if not rules:
        return
    plans = [plan for seen in asked for plan in _plans(seen, rules, batch.now)]
    if plans:
        reach.plan_touches(plans, now=batch.now)
        _count(Counter(int(plan.step.partition(":")[2]) for plan in plans))


def plain_text(reply: dict[str, str]) -> str:
    """A reply as a text, for channels that carry nothing else."""
    if reply.get("kind", "text") == "text":
        return reply.get("text", "")
    return "\n".join(part for part in (reply.get("title", ""), reply.get("url", "")) if part)


def _may_answer(seen: Seen) -> bool:
    return bool(seen.customer_id and seen.fact.account and not seen.fact.is_late)


def _plans(seen: Seen, rules: Sequence[Rule], now: datetime) -> Iterator[TouchPlan]:
    fact = seen.fact
    rule = choose(rules, fact)
    channel = _reply_channel(fact) if rule else None
    if rule is None or channel is None or seen.customer_id is None:
        return
    hour = fact.at // 3_600_000
    key = f"{seen.identity_id}:{hour}" if rule.trigger == DEFAULT else fact.message_id
    yield TouchPlan(
        campaign=CAMPAIGN,
        version=0,
        step=f"rule:{rule.id}",
        entry_key=key[:192],
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
        channel=channel.name,
        template=plain_text(dict(rule.reply))[: channel.max_chars],
        purpose=SERVICE,
        due_at=now,
        expires_at=from_ms(fact.at) + LIFE,
        context={"account": fact.account},
        is_literal=True,
        is_urgent=True,
    )


def _reply_channel(fact: Fact) -> Channel | None:
    """The channel whose window the fact opened; None where callbacks carry the reply."""
    manifest = manifests().get(fact.platform)
    channel = next(
        (
            one
            for one in (manifest.channels if manifest else ())
            if fact.name in {one.trigger, *(trigger.fact for trigger in one.triggers)}
            and one.is_marketing
        ),
        None,
    )
    if channel is None:
        return None
    try:
        return None if connector(fact.account).replies is not None else channel
    except SiyuError:
        return None


def _said(fact: Fact, rule: Rule) -> Fact:
    """That we answered, told once however often the platform repeats its callback."""
    return Fact(
        name=facts.MESSAGE_SENT,
        at=fact.at,
        received_at=fact.received_at,
        source=fact.source,
        message_id=f"auto:{fact.message_id}"[:255],
        platform=fact.platform,
        account=fact.account,
        identities=fact.identities,
        properties={"message_type": rule.reply.get("kind", "text"), "auto_reply": rule.id},
        private={"text": plain_text(dict(rule.reply))},
    )


def _count_given(batch: Batch) -> None:
    given = Counter(
        seen.fact.properties["auto_reply"]
        for seen in batch.named(facts.MESSAGE_SENT)
        if isinstance(seen.fact.properties.get("auto_reply"), int)
    )
    _count(given)


def _count(given: Counter[int]) -> None:
    for rule_id, count in given.items():
        AutoReply.objects.filter(pk=rule_id).update(hits=F("hits") + count)
