"""Customer groups 社群 as a platform has them, and the codes by which customers enter them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

from siyu.kernel.identity import Identity
from siyu.ports.facts import Fact

SCANNED: Final = "scan"
INVITED: Final = "invited"
BY_LINK: Final = "link"
UNKNOWN: Final = "unknown"
LEFT: Final = "left"
REMOVED: Final = "removed"
DISMISSED: Final = "dismissed"


@dataclass(frozen=True, kw_only=True)
class RemoteMember:
    """One member as the platform shows him now.

    identities: of somebody who is not our staff, best first; empty for staff.
    join_kind: SCANNED, INVITED, BY_LINK or UNKNOWN. state: of the group code he came by.
    invitor: remote id of who invited him, or "". name: what the group sees; personal.
    """

    remote_id: str
    is_staff: bool
    joined_at: datetime
    identities: tuple[Identity, ...] = ()
    join_kind: str = UNKNOWN
    state: str = ""
    invitor: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoteGroup:
    """One group with all its members. version: changes whenever the members do; "" = unknown."""

    remote_id: str
    name: str
    owner: str
    created_at: datetime
    notice: str = ""
    admins: tuple[str, ...] = ()
    members: tuple[RemoteMember, ...] = ()
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupDay:
    """What happened in the groups of one owner on one day, as the platform counted it.

    speakers, messages: None where the platform does not tell.
    """

    owner: str
    day: date
    groups: int = 0
    new_groups: int = 0
    members: int = 0
    new_members: int = 0
    speakers: int | None = None
    messages: int | None = None


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A time somebody spends in a group, ready to become a fact.

    kind: of the joining or of the leaving. at: when it happened. group_key: our number of the
    group, which the history may keep.
    """

    group_key: int
    group_id: str
    remote_id: str
    at: datetime
    identities: tuple[Identity, ...]
    kind: str = UNKNOWN
    state: str = ""
    owner: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


class GroupSource(Protocol):
    """The groups of an account. Raises the PlatformError family."""

    def list_groups(self, cursor: str, owners: Sequence[str] = ()) -> tuple[list[str], str]:
        """One page of group ids and the next cursor ("" at the end); `owners` empty = all."""
        ...

    def fetch_group(self, remote_id: str) -> RemoteGroup | None:
        """The group with its members; None when the platform has no such group (any more)."""
        ...

    def fetch_days(self, owner: str, start: date, end: date) -> list[GroupDay]:
        """The platform's own counts of one owner for the days `start` … `end`; [] when none."""
        ...

    def join_fact(self, membership: Membership) -> Fact:
        """The `GROUP_JOINED` fact of a membership. Pure; the same for the same membership."""
        ...

    def leave_fact(self, membership: Membership) -> Fact:
        """The `GROUP_LEFT` fact of a membership. Pure; the same for the same membership."""
        ...


@dataclass(frozen=True, kw_only=True)
class GroupWelcome:
    """What a platform says to everybody who enters a group.

    attachment: at most one, in the neutral shape of `Content`. notify: tell the owners.
    """

    text: str
    attachment: Mapping[str, str] | None = None
    is_notified: bool = True


class GroupWelcomer(Protocol):
    """Words that greet who enters a group; which owner uses which is chosen in the client."""

    def create_welcome(self, welcome: GroupWelcome) -> str:
        """The platform's id of the new words."""
        ...

    def update_welcome(self, remote_id: str, welcome: GroupWelcome) -> None: ...

    def delete_welcome(self, remote_id: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class GroupCodeSpec:
    """What a group code does. groups: remote ids of at most `max_groups` groups.

    When all are full the platform makes the next one if `is_growing`, named `base_name` and a
    number that starts at `base_number`.
    """

    name: str
    state: str
    groups: tuple[str, ...]
    is_growing: bool = False
    base_name: str = ""
    base_number: int = 1


@dataclass(frozen=True, kw_only=True)
class RemoteGroupCode:
    """A group code as the platform has it. groups: those it leads to now.

    url: its picture, "" while it is not known.
    """

    remote_id: str
    url: str
    groups: tuple[str, ...] = ()


class GroupCodeIssuer(Protocol):
    """Codes that lead into groups."""

    max_groups: int

    def create_code(self, spec: GroupCodeSpec) -> RemoteGroupCode: ...

    def update_code(self, remote_id: str, spec: GroupCodeSpec) -> RemoteGroupCode:
        """Replace everything the code does; the picture stays the same."""
        ...

    def fetch_code(self, remote_id: str) -> RemoteGroupCode | None:
        """None when the platform has no such code any more."""
        ...

    def delete_code(self, remote_id: str) -> None: ...
