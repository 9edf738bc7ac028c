"""What the platform knows of its members' work: moves of customers, pages, messages to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

TICKET_LIFE = 7200
CODE_LIFE = 300


@dataclass
class Move:
    """A customer on the way from one member to another. status: 1 done, 2 waiting, 3 refused,
    4 the new one has too many."""

    giver: str
    taker: str
    external_userid: str
    has_left: bool
    asked_at: datetime
    ends_at: datetime
    message: str = ""
    status: int = 2
    done_at: int = 0


@dataclass
class Work:
    """moves: by (giver, taker, customer). log: times a customer was moved while both worked here.

    full: members who may take over nobody more. left_at: when a member left. behaviour: what
    happened, by (userid, day). noted: messages to members. here: whose client was opened last.
    """

    moves: dict[tuple[str, str, str], Move] = field(default_factory=dict)
    log: dict[str, list[datetime]] = field(default_factory=dict)
    group_log: dict[str, list[datetime]] = field(default_factory=dict)
    groups_taken: Counter[tuple[str, date]] = field(default_factory=Counter)
    left_at: dict[str, datetime] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    behaviour: dict[tuple[str, date], Counter[str]] = field(default_factory=dict)
    tickets: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    noted: list[dict[str, Any]] = field(default_factory=list)
    noted_keys: dict[tuple[str, str], datetime] = field(default_factory=dict)
    here: str = ""
    chat_sends: list[dict[str, Any]] = field(default_factory=list)
