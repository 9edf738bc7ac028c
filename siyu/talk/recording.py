"""Message facts of a batch → conversations and messages. Set-based; the order of facts does not
matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.clock import from_ms
from siyu.ports import facts
from siyu.talk.models import Conversation, Message

PREVIEW = 200
MAX_TEXT = 10_000
KEY = 160


@dataclass(frozen=True)
class Said:
    """One message of a batch. `place`: account and thread."""

    seen: Seen
    customer_id: int
    identity_id: int

    @property
    def place(self) -> tuple[str, str]:
        thread = str(self.seen.fact.private.get("conversation_id") or "")
        return (self.seen.fact.account, thread[:KEY] or f"identity:{self.identity_id}")

    @property
    def key(self) -> str:
        """The platform's id of the message, else that of the fact."""
        fact = self.seen.fact
        return str(fact.private.get("server_message_id") or fact.message_id)[:KEY]

    @property
    def is_ours(self) -> bool:
        return self.seen.fact.name == facts.MESSAGE_SENT

    @property
    def text(self) -> str:
        return str(self.seen.fact.private.get("text") or "")[:MAX_TEXT]

    @property
    def at(self) -> datetime:
        return from_ms(self.seen.fact.at)


def read_batch(batch: Batch) -> list[Said]:
    """The messages of a batch with a known customer and account, oldest first."""
    found = [
        Said(seen, seen.customer_id, seen.identity_id)
        for seen in batch.named(facts.MESSAGE_RECEIVED, facts.MESSAGE_SENT)
        if seen.customer_id is not None and seen.identity_id is not None and seen.fact.account
    ]
    return sorted(found, key=lambda said: said.seen.fact.at)


def record(said: Sequence[Said]) -> None:
    """Keep messages not known yet, and the last word and unread count of their conversations."""
    conversations = _conversations(said)
    known = set(
        Message.objects.filter(
            conversation__in=conversations.values(), key__in={one.key for one in said}
        ).values_list("conversation_id", "key")
    )
    fresh: dict[tuple[int, str], Said] = {}
    for one in said:
        place = (conversations[one.place].pk, one.key)
        if place not in known:
            fresh.setdefault(place, one)
    insert_rows([_message(place[0], one) for place, one in fresh.items()], ignore_conflicts=True)
    news: dict[int, list[Said]] = defaultdict(list)
    for (conversation_id, _), one in fresh.items():
        news[conversation_id].append(one)
    changed = [row for row in conversations.values() if row.pk in news]
    for row in changed:
        _catch_up(row, news[row.pk])
    write_rows(changed, ("last_text", "last_at", "unread"))


def _conversations(said: Sequence[Said]) -> dict[tuple[str, str], Conversation]:
    """The conversation of every place, made where there is none."""
    found = _load(one.place for one in said)
    missing = {one.place: one for one in said if one.place not in found}
    if not missing:
        return found
    insert_rows(
        [
            Conversation(
                customer_id=one.customer_id,
                identity_id=one.identity_id,
                account=account,
                thread=thread,
                last_at=one.at,
            )
            for (account, thread), one in missing.items()
        ],
        ignore_conflicts=True,
    )
    return found | _load(missing)


def _load(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Conversation]:
    wanted = set(places)
    rows = Conversation.objects.filter(
        account__in={account for account, _ in wanted}, thread__in={thread for _, thread in wanted}
    )
    return {(row.account, row.thread): row for row in rows if (row.account, row.thread) in wanted}


def _catch_up(row: Conversation, news: Sequence[Said]) -> None:
    """Bring preview and unread count up to date with messages in order of time."""
    for one in news:
        if one.at >= row.last_at:
            row.last_at = one.at
            row.last_text = one.text[:PREVIEW]
        row.unread = 0 if one.is_ours else row.unread + 1


def _message(conversation_id: int, one: Said) -> Message:
    properties = one.seen.fact.properties
    return Message(
        conversation_id=conversation_id,
        key=one.key,
        is_ours=one.is_ours,
        is_manual=bool(properties.get("is_manual", False)),
        kind=str(properties.get("message_type", "text"))[:32],
        text=one.text,
        at=one.at,
    )
