"""The flywheel: attract → delight → spread → buy → loyal. Pure rules."""

from __future__ import annotations

from enum import IntEnum

from siyu.ports import facts


class Stage(IntEnum):
    """A customer's stage is the highest one reached; 0 means none yet."""

    NONE = 0
    ATTRACT = 1
    DELIGHT = 2
    SPREAD = 3
    BUY = 4
    LOYAL = 5


VIEWS_FOR_DELIGHT = 3
VIEW_FACTS = frozenset({"page_viewed", "product_viewed", "page", "screen", "screen_viewed"})
_OF_FACT = {
    facts.FRIEND_ADDED: Stage.ATTRACT,
    facts.FRIEND_SYNCED: Stage.ATTRACT,
    facts.FOLLOWED: Stage.ATTRACT,
    facts.MESSAGE_RECEIVED: Stage.DELIGHT,
    facts.CHAT_ENTERED: Stage.DELIGHT,
    facts.REFERRED: Stage.SPREAD,
}
CONTACT_NAMESPACES = frozenset({"phone", "email"})


def stage_name(stage: int) -> str:
    """`attract`, …, or "" for none."""
    return Stage(stage).name.lower() if stage else ""


def stage_number(name: str) -> int:
    """The number of a stage's name; KeyError when there is none of that name."""
    return Stage[name.upper()].value


def stage_of_fact(name: str) -> Stage:
    """The stage one fact alone reaches. Unknown facts reach none."""
    return _OF_FACT.get(name, Stage.NONE)


def stages_of_orders(order_count: int) -> list[Stage]:
    """The stages that orders (not wholly refunded) reach."""
    reached = [Stage.BUY] if order_count >= 1 else []
    return [*reached, Stage.LOYAL] if order_count >= 2 else reached
