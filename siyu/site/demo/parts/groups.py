"""The brand's groups: two that guides have, a code that leads into them, a page, a service desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.groups import codes, counting, keywords, listing, queries, reading
from siyu.groups.codes import GroupCodeIn
from siyu.groups.types import KeywordEntry
from siyu.kernel.clock import SHANGHAI
from siyu.site.demo.parts.part import BrandPart
from siyu.talk import desks

NAMES = ("山茶记福利群1", "山茶记福利群2")
DAYS = 120


class GroupsBrand(BrandPart):
    """Set up once; the rest happens by itself."""

    name = "groups"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Guides make the groups; the operator the code, the keyword page and the desk."""
        wecom, staff = self.setting.wecom, self.setting.staff
        chats = [
            self.setting.control("wecom/create_group", {"owner": owner, "name": name})["chat_id"]
            for owner, name in zip(staff, NAMES, strict=False)
        ]
        listing.note_listed(wecom, chats, now, now)
        reading.read_due(now)
        refs = queries.refs_by_remote(wecom, chats)
        given = GroupCodeIn(
            name="门店福利群",
            groups=[refs[chat].id for chat in chats],
            is_growing=True,
            base_name="山茶记福利群",
            base_number=3,
            title="加入山茶记福利群",
            text="每晚八点上新, 群友先知道",
        )
        code = codes.create_code(SYSTEM, wecom, given, now=now)
        entries = [
            KeywordEntry(keywords=["福利", "优惠"], code_id=code.id, title="福利群"),
            KeywordEntry(keywords=["上海", "徐汇"], code_id=code.id, title="上海门店群"),
        ]
        keywords.save_page(SYSTEM, name="找群", title="找到你的群", entries=entries, now=now)
        return {"state": code.state, "desk": self._open_desk(now), "chats": chats}

    def lost(self, seen: Mapping[str, int]) -> int:
        """Joins the simulator saw and Siyu has not."""
        today = runtime().clock.now().astimezone(SHANGHAI).date()
        days = counting.days_of(SYSTEM, None, today - timedelta(days=DAYS), today)
        return max(0, seen.get("joined", 0) - sum(day.joined for day in days))

    def _open_desk(self, now: datetime) -> str:
        body = {"name": "山茶记客服", "staff": list(self.setting.staff[:2])}
        made: str = self.setting.control("wecom/kf_open", body)["open_kfid"]
        desks.refresh_desks(SYSTEM, self.setting.wecom, now=now)
        for desk in desks.list_desks(SYSTEM):
            welcome = "您好, 这里是山茶记客服, 请问想了解什么?"
            desks.update_desk(SYSTEM, desk.id, welcome_text=welcome, now=now)
        return made
