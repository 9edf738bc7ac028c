"""What writeback hands out and decides on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Relation = tuple[str, str, int]
"""Account, staff, identity."""


@dataclass(frozen=True)
class Mirror:
    """What a platform has of one tag of one relation."""

    is_remote: bool
    by_us: bool


@dataclass(frozen=True)
class NameState:
    """A tag (kind `tag`) or group that was called `before` and is called `name`; name "" = it
    was archived. state: "" = so it is on the platform, waiting, refused or yielded (the name
    given there meanwhile stands).
    """

    kind: str
    before: str
    name: str
    state: str
    reason: str


@dataclass(frozen=True)
class GroupState:
    """A tag group on an account. reasons: why tags were refused, with how many. names: the
    latest changes of names.
    """

    account: str
    group_id: int
    is_on: bool
    is_walking: bool
    written: int
    waiting: int
    refused: int
    reasons: list[tuple[str, int]]
    names: list[NameState]


@dataclass(frozen=True)
class RemarkDraft:
    """None = leave as it is. mobiles replace those that are there. identity_id: which friendship,
    where a customer has several ids at one guide; None = any."""

    remark: str | None = None
    description: str | None = None
    company: str | None = None
    mobiles: list[str] | None = None
    identity_id: int | None = None


@dataclass(frozen=True)
class RemarkView:
    """A relation's remark; mobiles are masked. state: "", waiting or refused."""

    account: str
    staff: str
    identity_id: int
    can_write: bool
    remark: str
    description: str
    company: str
    mobiles: list[str]
    state: str
    reason: str
    done_at: datetime | None
