"""Which codes an account has, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class ListedCode:
    """A code as the platform has it. name: the note of whoever made it."""

    remote_id: str
    name: str = ""
    state: str = ""
    staff: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    picture_url: str = ""
    is_accepted: bool = True


class CodeLister(Protocol):
    """Raises the PlatformError family."""

    def list_codes(self, cursor: str, until: datetime) -> tuple[list[str], str]:
        """A page of remote ids of codes made up to a moment, and the next cursor ("" = end).

        A cursor goes with the moment it was got for.
        """
        ...

    def read_code(self, remote_id: str) -> ListedCode | None:
        """The code; None when the platform has it no more."""
        ...
