"""Moments 朋友圈: what the brand proposes, staff post, and customers like and comment on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from siyu.kernel.identity import Identity
from siyu.ports.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MomentPost:
    """What shall be posted, by whom, and who may see it.

    attachments: in the neutral shape of `Content`. staff: remote ids, () = all. tags: remote ids
    of tags of which a customer must have one, () = all customers of the staff.
    """

    text: str
    attachments: tuple[Mapping[str, str], ...] = ()
    staff: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class MomentJob:
    """How far the platform is with making the tasks. remote_id: of the moment, once known.

    invalid_staff, invalid_tags: left out by the platform.
    """

    state: JobState
    remote_id: str = ""
    reason: str = ""
    invalid_staff: tuple[str, ...] = ()
    invalid_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class MomentPoster:
    """One member of staff who is to post."""

    staff: str
    is_posted: bool


@dataclass(frozen=True)
class MomentReaction:
    """A like or comment below one member of staff's moment; the platform gives no text.

    kind: MOMENT_LIKED or MOMENT_COMMENTED. identity: of the customer.
    """

    kind: str
    identity: Identity
    staff: str
    at: datetime


@dataclass(frozen=True)
class RemoteMoment:
    """A moment as the platform lists it, whoever made it."""

    remote_id: str
    creator: str
    created_at: datetime
    text: str = ""
    kinds: tuple[str, ...] = field(default=())


class MomentPublisher(Protocol):
    """Raises the PlatformError family; UnknownOutcome of `start` is never repeated blindly."""

    per_minute: int
    per_month: int

    def start(self, post: MomentPost) -> str:
        """Let the platform make the tasks; the id of the job, kept for 24 hours."""
        ...

    def job(self, job_id: str) -> MomentJob:
        """How the job stands; FAILED when the platform has forgotten it."""
        ...

    def list_posters(self, remote_id: str) -> Iterator[MomentPoster]:
        """Who is to post and who has."""
        ...

    def list_planned(self, remote_id: str, staff: str) -> Iterator[str]:
        """Customers who would see it when this member of staff posts."""
        ...

    def list_reached(self, remote_id: str, staff: str) -> Iterator[str]:
        """Customers to whom it was really delivered."""
        ...

    def reactions(self, remote_id: str, staff: str) -> list[MomentReaction]:
        """Likes and comments of customers below this member of staff's moment."""
        ...

    def cancel(self, remote_id: str) -> None:
        """Take the task away from those who have not posted; what is posted stays."""
        ...

    def list_moments(self, since: datetime, until: datetime) -> Iterator[RemoteMoment]:
        """Moments of the company between two times at most 30 days apart."""
        ...

    def fact(self, remote_id: str, reaction: MomentReaction, received_at: datetime) -> Fact:
        """The fact of a reaction. Pure; the same for the same reaction."""
        ...
