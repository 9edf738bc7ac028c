"""What a member of staff calls a customer, written at the platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class RemarkChange:
    """None = leave as it is. mobiles replace those that are there; () takes them away."""

    remark: str | None = None
    description: str | None = None
    company: str | None = None
    mobiles: Sequence[str] | None = None


class RemarkWriter(Protocol):
    """Raises the PlatformError family; the same change twice is as once.

    max_*: most characters of a field. Texts over them are cut.
    """

    max_remark: int
    max_description: int
    max_company: int
    max_mobiles: int

    def change_remark(self, staff: str, customer: str, change: RemarkChange) -> None: ...

    def write_remark(self, staff: str, customer: str, *, remark: str, description: str) -> None:
        """Set what our staff call a customer; "" leaves a field as it is."""
        ...
