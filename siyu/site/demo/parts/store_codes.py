"""One code for all stores, in front of the doors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.growth import stores
from siyu.growth.queries import get_live_code
from siyu.site.demo.parts.org import STORES
from siyu.site.demo.parts.part import BrandPart, Setting


class StoreCodesBrand(BrandPart):
    """Comes after the stores have their guides."""

    name = "store_codes"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._codes: list[int] = []

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells the page, and by which code each store is known to the platform."""
        values = {
            "name": "全国门店",
            "account": self.setting.wecom,
            "title": "找到离您最近的山茶记",
        }
        made = stores.save_store_code(SYSTEM, None, values, now=now)
        stores.fill_store_code(SYSTEM, made.id, now=now)
        shown = stores.get_store_code(SYSTEM, made.id)
        places = {name: (lat, lng) for _, name, _, _, lat, lng in STORES}
        known = {one.name: one.code_id for one in shown.entries if one.code_id}
        self._codes = list(known.values())
        told = [
            [name, *places[name], get_live_code(SYSTEM, code, now=now).state]
            for name, code in known.items()
        ]
        return {"path": f"/p/s/{made.slug}", "stores": told}

    def lost(self, seen: Mapping[str, int]) -> int:
        """Customers of the stores whom Siyu does not know, and those it did not lead right."""
        return seen.get("astray", 0) + max(0, seen.get("came", 0) - self._added())

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """Customers counted twice."""
        return max(0, self._added() - seen.get("came", 0))

    def _added(self) -> int:
        now = runtime().clock.now()
        return sum(get_live_code(SYSTEM, code, now=now).added for code in self._codes)
