"""Guides get another id or leave; a store manager hands leavers' customers to who stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM, Actor, Role, Scope
from siyu.guides import care_types as states
from siyu.guides import org_actions, transfers
from siyu.guides.colleagues import list_staff_cards
from siyu.guides.org_types import GUIDE
from siyu.site.demo.parts.org import STORES
from siyu.site.demo.parts.part import BrandPart, Setting

LEAVERS = (("songqi", "宋祁", 2), ("heyan", "何砚", 32), ("luoxi", "罗溪", 62))
"""userid, name, the day of the simulation on which he leaves."""
RENAMES = (("luoxi", "luo.xi", 2),)
"""userid, the new one, the day on which he gets it."""
MESSAGE = "您的导购因工作变动离开了, 以后由我继续为您服务。"


class LeavingBrand(BrandPart):
    """Leavers work in the first store, whose manager hands their customers over once."""

    name = "leaving"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._manager = setting.staff[0]
        self._done: set[str] = set()

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells who leaves when, and whose id changes."""
        for userid, _, _ in LEAVERS:
            who = (self.setting.wecom, userid)
            org_actions.set_post(SYSTEM, who, GUIDE, store=STORES[0][0], now=now)
        leavers = [[userid, day] for userid, _, day in LEAVERS]
        return {"leavers": leavers, "renames": [list(one) for one in RENAMES]}

    def day(self, day: int, now: datetime) -> None:
        """Whoever left and has not been taken over goes to the manager."""
        del day
        leader = Actor(
            "店长林悦", Role.MANAGER, self._manager, Scope.STORE, staff_account=self.setting.wecom
        )
        for leaver in transfers.list_leavers(leader):
            if leaver.customers and leaver.staff not in self._done:
                giver = (leaver.account, leaver.staff)
                transfers.start_transfer(leader, giver, self._manager, message=MESSAGE, now=now)
                self._done.add(leaver.staff)

    def lost(self, seen: Mapping[str, int]) -> int:
        """Customers who changed hands or refused and staff with a new id, unknown to Siyu."""
        staff = list_staff_cards(self.setting.wecom)
        renamed = sum(after in staff and before not in staff for before, after, _ in RENAMES)
        known = [view.counts for view in transfers.list_transfers(SYSTEM)]
        pairs = (("moved", states.MOVED), ("refused", states.DECLINED))
        unmoved = sum(
            max(0, seen.get(name, 0) - sum(counts.get(state, 0) for counts in known))
            for name, state in pairs
        )
        return unmoved + max(0, seen.get("renamed", 0) - renamed)
