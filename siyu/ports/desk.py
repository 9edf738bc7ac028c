"""Service desks 客服账号: customers ask there, the app or members of staff answer.

A desk announces news by a callback that carries nothing; what was said is pulled page by page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from siyu.ports.facts import Fact


class DeskState(StrEnum):
    """Who answers a customer at a desk now."""

    NEW = "new"
    """The app may answer, or put the customer into the queue or into somebody's hands."""
    ASSISTANT = "assistant"
    """The app answers."""
    QUEUED = "queued"
    HUMAN = "human"
    """A member of staff answers in the platform's own client; the app may not."""
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class RemoteDesk:
    """A desk. is_managed: the app may change it."""

    remote_id: str
    name: str
    avatar: str = ""
    is_managed: bool = True


@dataclass(frozen=True, kw_only=True)
class Servicer:
    """A member of staff who answers at a desk. is_receiving: takes new customers now."""

    staff: str
    is_receiving: bool = True


@dataclass(frozen=True, kw_only=True)
class DeskSession:
    """staff: who answers in HUMAN, else ""."""

    state: DeskState
    staff: str = ""


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """Facts of one page in order. cursor: to be kept once they are safe."""

    facts: tuple[Fact, ...]
    cursor: str
    has_more: bool


class ServiceDesk(Protocol):
    """The desks of an account. Raises the PlatformError family."""

    def list_desks(self) -> list[RemoteDesk]: ...

    def create_desk(self, name: str, avatar_media_id: str) -> str:
        """The id of the new desk."""
        ...

    def rename_desk(self, desk: str, name: str) -> None: ...

    def delete_desk(self, desk: str) -> None: ...

    def list_servicers(self, desk: str) -> list[Servicer]: ...

    def add_servicers(self, desk: str, staff: Sequence[str]) -> dict[str, str]:
        """Staff who could not be added, with the reason."""
        ...

    def remove_servicers(self, desk: str, staff: Sequence[str]) -> dict[str, str]:
        """Staff who could not be removed, with the reason."""
        ...

    def make_link(self, desk: str, scene: str) -> str:
        """The address that opens a chat with the desk; `scene` comes back when it is used."""
        ...

    def fetch_page(self, desk: str, cursor: str, token: str) -> DeskPage:
        """What was said since `cursor` ("" = from the oldest kept). token: of the announcement."""
        ...

    def fetch_session(self, desk: str, customer: str) -> DeskSession: ...

    def hand_over(self, desk: str, customer: str, state: DeskState, staff: str = "") -> None:
        """Change who answers; HUMAN needs `staff`. PlatformRefused when it is not allowed now."""
        ...

    def fetch_profiles(self, customers: Sequence[str]) -> list[Fact]:
        """Who these customers are, as `IDENTIFIED` facts; unknown ones are left out."""
        ...
