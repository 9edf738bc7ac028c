"""The brand's groups: two that guides have, a code that leads into them, a page, a welcome, weekly
invitations and reminders; a service desk, where a clerk hands customers to staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.groups import actions, codes, counting, invitations, keywords, listing, queries, reading
from siyu.groups.codes import GroupCodeIn
from siyu.groups.types import KeywordEntry
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformError, Refused
from siyu.pool.actions import ensure_tag
from siyu.ports.desk import DeskState
from siyu.site.demo.parts.part import BrandPart, mark
from siyu.talk import desks
from siyu.talk import queries as talk

NAMES = ("山茶记福利群1", "山茶记福利群2")
DAYS = 120
INVITING, ASKING = 4, 5
"""Days of the week, 0 = the first of the simulation."""
HANDED_PER_DAY, ASKED_PER_DAY = 2, 20
FRESH = timedelta(hours=40)
WELCOME = "欢迎进群, 每晚八点上新, 有事找群主。"
INVITATION = "邀请您加入福利群, 每晚八点上新: {{ link }}"
REMINDER = "您已在我们的多个群里: {{ groups }}, 留一个就不会错过活动。"


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
        actions.save_welcome(
            SYSTEM,
            account=wecom,
            name="福利群第一句",
            text=WELCOME,
            attachment={
                "kind": "link",
                "title": "群规",
                "url": "https://camellia.example/rules",
            },
            owners=list(staff[: len(NAMES)]),
            now=now,
        )
        self._code = code.id
        return {"state": code.state, "desk": self._open_desk(now), "chats": chats}

    def day(self, day: int, now: datetime) -> None:
        """Each day the clerk hands customers over; each week people are invited and reminded."""
        self._hand_over(now)
        if day % 7 == INVITING:
            text = REMINDER + mark(day // 7)
            actions.remind_duplicates(SYSTEM, text, account=self.setting.wecom, now=now)
            self._invite(day // 7, now)
        elif day % 7 == ASKING:
            self._tick_off(now)

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

    def _hand_over(self, now: datetime) -> None:
        """Customers whom nobody answered yet; the platform may have ended a session meanwhile."""
        page = talk.list_conversations(SYSTEM, None, 100, now=now)
        waiting = [
            one
            for one in page.items
            if one.session == DeskState.NEW and one.servicers and one.last_at > now - FRESH
        ]
        for one in waiting[:HANDED_PER_DAY]:
            try:
                desks.hand_over(SYSTEM, one.id, DeskState.HUMAN, one.servicers[0], now=now)
            except PlatformError:
                continue

    def _invite(self, week: int, now: datetime) -> None:
        try:
            invitations.create_invitation(
                SYSTEM,
                name=f"线下老客入群 (第 {week + 1} 批)",
                code_id=self._code,
                way=invitations.TODO,
                text=INVITATION,
                tag_id=ensure_tag(SYSTEM, "渠道", "线下", now=now),
                now=now,
            )
        except Refused:
            return  # nobody is left to invite

    def _tick_off(self, now: datetime) -> None:
        """Guides have asked some of the customers on their lists."""
        for one in invitations.list_invitations(SYSTEM)[:1]:
            for invitee in invitations.list_invitees(SYSTEM, one.id, limit=ASKED_PER_DAY).items:
                invitations.tick_off(SYSTEM, invitee.id, now=now)
