"""Guides work in the sidebar, with the scripts of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.site.demo.parts.part import BrandPart
from siyu.talk import scripts


class SidebarBrand(BrandPart):
    """Nothing to set up: the sidebar comes with the account, its scripts with the part `org`."""

    name = "sidebar"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells which account's sidebar it is."""
        del now
        account = self.setting.wecom
        return {"account": account, "corp": account.partition(":")[2]}

    def lost(self, seen: Mapping[str, int]) -> int:
        """Scripts that went into a chat and were not counted."""
        known = sum(one.sent for one in scripts.list_scripts(SYSTEM))
        return max(0, seen.get("sent", 0) - known)
