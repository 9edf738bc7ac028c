"""A page of ours inside a platform's client, opened by a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from siyu.kernel.identity import Identity


@dataclass(frozen=True)
class PageSignature:
    """What a page shows the client's script to be trusted. timestamp: seconds."""

    timestamp: int
    nonce: str
    signature: str


@dataclass(frozen=True)
class PageSetup:
    """All that the client's script needs on one page. script_url: where the script is."""

    app_id: str
    agent_id: str
    script_url: str
    config: PageSignature
    agent_config: PageSignature


class MemberPages(Protocol):
    """Raises the PlatformError family. script_url: where the client's script is."""

    script_url: str

    def setup(self, url: str) -> PageSetup:
        """Signatures for a page at `url`; what follows "#" is left out."""
        ...

    def login_url(self, redirect_uri: str, state: str) -> str:
        """Where the browser goes to fetch a code."""
        ...

    def customer(self, remote_id: str) -> Identity:
        """The identity of the customer whose chat the page is beside. Pure."""
        ...

    def fetch_member(self, code: str) -> str:
        """Exchange a code, once: the member's remote id. PlatformRefused for anybody else."""
        ...
