"""The brand's codes beyond the first four: turns, a night shift, a link, a company welcome's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.growth.actions import create_live_code
from siyu.growth.queries import get_live_code
from siyu.site.demo.parts.part import BrandPart


class CodesBrand(BrandPart):
    """A code with shifts and limits, and a link for advertisements."""

    name = "codes"
    _link = 0

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Make both; tells the link."""
        staff = list(self.setting.staff)
        plan = {
            "staff": staff,
            "shifts": [{"start": 1260, "end": 540, "staff": staff[:2]}],
            "backups": staff[-1:],
            "cap": 50,
            "rotation": "round_robin",
        }
        create_live_code(
            SYSTEM,
            account=self.setting.wecom,
            name="客服轮值码",
            plan=plan,
            page={"title": "加山茶记顾问", "text": "领新人茶样", "hint": ""},
            is_open=True,
            now=now,
        )
        link = create_live_code(
            SYSTEM,
            account=self.setting.wecom,
            kind="link",
            name="信息流广告",
            staff=staff,
            welcome_text="您好, 我是{{ staff_name }}, 茶样今天就能寄出。",
            now=now,
        )
        self._link = link.id
        return {"url": link.url}

    def lost(self, seen: Mapping[str, int]) -> int:
        """Customers of the link whom Siyu does not know, and first words it did not hear."""
        known = get_live_code(SYSTEM, self._link, now=self._now())
        return max(0, seen.get("came", 0) - known.added) + max(
            0, seen.get("spoke", 0) - known.spoke
        )

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """Customers counted twice."""
        known = get_live_code(SYSTEM, self._link, now=self._now())
        return max(0, known.added - seen.get("came", 0))

    @staticmethod
    def _now() -> datetime:
        return runtime().clock.now()
