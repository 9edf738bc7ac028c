"""Answers that travel in a callback's own reply: found in memory, kept before they are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from siyu.core.inbox import Entry
from siyu.core.intake.floor import Floor
from siyu.core.intake.place import entries_of
from siyu.core.runtime import runtime
from siyu.ports.capabilities import Connector, Verified
from siyu.ports.facts import Fact
from siyu.ports.replies import SealedReply

log = structlog.get_logger()


@dataclass(frozen=True)
class Answered:
    """What is said, in the neutral shape of `siyu.ports.replies`, and the fact that it was."""

    reply: Mapping[str, str]
    fact: Fact


class Answerer(Protocol):
    """Knows what to say at once. `answer` works on memory only; `refresh` reads the tables."""

    def is_fresh(self) -> bool: ...

    def refresh(self) -> None:
        """Read what may be said; short blocking work beside the event loop."""
        ...

    def answer(self, account: str, facts: Sequence[Fact]) -> Answered | None: ...


_answerers: list[Answerer] = []


def set_answerer(answerer: Answerer | None) -> None:
    """Ask this one about every callback that may be answered; None = nobody."""
    _answerers[:] = [answerer] if answerer else []


async def find_answer(
    floor: Floor, connector: Connector, verified: Verified
) -> tuple[SealedReply, list[Entry]] | None:
    """The reply and what to keep of it; None when there is nothing to say.

    A failure says nothing: the message itself must be kept whatever happens here.
    """
    if connector.replies is None or verified.body is None or not _answerers:
        return None
    answerer, now = _answerers[0], runtime().clock.now()
    try:
        if not answerer.is_fresh():
            await floor.in_thread(answerer.refresh)
        facts = connector.webhook.read(verified.body, now, verified.message_id)
        answered = answerer.answer(connector.account.key, facts)
        if answered is None:
            return None
        sealed = connector.replies.seal(verified.body, answered.reply, now)
        return sealed, list(entries_of([answered.fact]))
    except Exception:
        log.exception("callback.no_answer", account=connector.account.key)
        return None
