"""Codes and links by which customers add our staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class CodeSpec:
    """What a code does at the platform.

    state: comes back with every customer it brings. staff, departments: remote ids of who
    receives them; the platform chooses among several. is_accepted: friends without asking.
    is_exclusive: a customer who has a member of our staff is given the same one again.
    """

    name: str
    state: str
    staff: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    is_accepted: bool = True
    is_exclusive: bool = False


@dataclass(frozen=True)
class RemoteCode:
    """A code as the platform made it.

    url: what the picture holds, or the link itself. picture_url: the platform's own picture,
    where it gives no more than that; then url may be "".
    """

    remote_id: str
    url: str
    picture_url: str = ""


class LiveCodeIssuer(Protocol):
    """Raises the PlatformError family."""

    def create_code(self, spec: CodeSpec) -> RemoteCode: ...

    def update_code(self, remote_id: str, spec: CodeSpec) -> None:
        """Make the code what `spec` says; the same twice is as once. The picture stays."""
        ...

    def read_picture(self, picture_url: str) -> str:
        """What the platform's picture holds; "" when it cannot be read."""
        ...

    def delete_code(self, remote_id: str) -> None:
        """The picture stops working; nothing happens when the platform has it no more."""
        ...


@dataclass(frozen=True, kw_only=True)
class LinkCustomer:
    """A customer whom a link brought. state: the channel parameter he came with.

    has_spoken: None while the platform does not tell.
    """

    remote_id: str
    staff: str
    state: str = ""
    has_spoken: bool | None = None


@dataclass(frozen=True, kw_only=True)
class LinkQuota:
    """How many more customers the platform lets links bring. total: ever used.

    expiring: when how many of the balance end.
    """

    total: int
    balance: int
    expiring: Mapping[datetime, int]


@dataclass(frozen=True, kw_only=True)
class LinkFigures:
    """What the platform counted in a time: customers who opened a link, and who were added."""

    clicks: int
    added: int


class LinkIssuer(LiveCodeIssuer, Protocol):
    """Links that open the conversation in place of a picture (获客助手)."""

    def list_links(self, cursor: str) -> tuple[list[str], str]:
        """A page of remote ids and the next cursor ("" at the end)."""
        ...

    def list_customers(self, remote_id: str, cursor: str) -> tuple[list[LinkCustomer], str]: ...

    def get_quota(self) -> LinkQuota: ...

    def get_figures(self, remote_id: str, start: datetime, end: datetime) -> LinkFigures: ...
