"""Who is on the other side of a page or an app: one-time codes exchanged for identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from siyu.kernel.identity import Identity


@dataclass(frozen=True)
class Visitor:
    """Somebody who signed in with a platform account. identities: best first."""

    identities: tuple[Identity, ...]
    name: str = ""
    avatar: str = ""
    is_snapshot: bool = False
    """The platform showed a nameless stand-in; the ids are not of a real person."""


class PageLogin(Protocol):
    """Sign-in of a page inside the platform's browser."""

    def authorize_url(self, redirect_uri: str, state: str, *, asks_profile: bool) -> str:
        """Where the browser goes to fetch a code. asks_profile: the person must agree."""
        ...

    def fetch_visitor(self, code: str) -> Visitor:
        """Exchange a code: once, within five minutes. PlatformRefused when it is spent."""
        ...


class AppLogin(Protocol):
    """Sign-in of a mini program; the platform's session key never leaves the connector."""

    def fetch_visitor(self, code: str) -> Visitor:
        """Exchange a login code: once, within five minutes. PlatformRefused when it is spent."""
        ...

    def fetch_phone(self, code: str) -> str:
        """The phone number behind a phone button's code, as +86…; PlatformRefused when spent."""
        ...
