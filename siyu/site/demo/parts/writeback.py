"""The brand keeps a tag group equal with WeCom and writes a remark now and then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.pool import queries as pool
from siyu.pool import tag_groups, tagging
from siyu.pool.types import CustomerFilter
from siyu.site.demo.parts.part import BrandPart
from siyu.writeback import actions, queries
from siyu.writeback.types import RemarkDraft

OURS, TAG = "意向", "高意向"
A_DAY = 3


class WritebackBrand(BrandPart):
    """Switches a group on, marks the newest customers, and calls one by a name of our own."""

    name = "writeback"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells which group it keeps equal."""
        self._tag = tagging.ensure_tag(SYSTEM, OURS, TAG, now=now)
        group = next(one.id for one in tag_groups.list_groups(SYSTEM) if one.name == OURS)
        actions.switch_group(SYSTEM, self.setting.wecom, group, is_on=True, now=now)
        return {"group": OURS}

    def day(self, day: int, now: datetime) -> None:
        """The newest friends are hot; the first of them gets a remark."""
        del day
        page = pool.list_customers(SYSTEM, CustomerFilter(platform="wecom"), limit=A_DAY)
        ids = [row.id for row in page.items]
        if not ids:
            return
        tagging.add_tags(SYSTEM, ids, [self._tag], origin="manual", now=now)
        for view in queries.list_remarks(SYSTEM, ids[0])[:1]:
            draft = RemarkDraft(remark="新茶客")
            actions.write_remark(SYSTEM, ids[0], view.account, view.staff, draft, now=now)
