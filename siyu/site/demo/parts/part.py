"""The shape of a brand's part of the demo, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.site.demo.control import control


@dataclass(frozen=True)
class Setting:
    """Where things are. wecom, douyin: account keys; staff: WeCom userids of the guides."""

    sandbox_url: str
    public_url: str
    wecom: str
    douyin: str
    staff: tuple[str, ...]

    def control(self, path: str, body: dict[str, Any]) -> Any:
        """One call of the sandbox's control API, e.g. `control("wecom/knobs", {…})`."""
        return control(self.sandbox_url, path, body)


class BrandPart:
    """One slice's share of the brand; override what is needed.

    Runs in the demo's own process with the virtual clock (`runtime().clock`), as `SYSTEM`.
    """

    name = ""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def set_up(self, now: datetime) -> dict[str, Any] | None:
        """Before the first day; what is returned reaches the simulator's part as `told`."""

    def day(self, day: int, now: datetime) -> None:
        """Once a day at its first step (0 = the first), after the customers acted."""

    def lost(self, seen: Mapping[str, int]) -> int:
        """At the end: how much of what the simulator's part counted Siyu does not have."""
        del seen
        return 0

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """At the end: how much Siyu has twice."""
        del seen
        return 0


def mark(week: int) -> str:
    """What tells the messages of later weeks from those of the first."""
    return f"（第 {week + 1} 批）" if week else ""
