"""The brand sends: broadcasts to everybody in WeCom and to its groups, one that waits for approval,
a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.broadcasts import actions as broadcasts
from siyu.broadcasts.types import Draft
from siyu.core.access import Actor, Role
from siyu.kernel.errors import Refused
from siyu.moments import actions as moments
from siyu.moments import queries as moment_queries
from siyu.moments.types import MomentDraft
from siyu.site.demo.parts.part import BrandPart, Setting, mark

OPERATOR = Actor("小运", Role.OPERATOR)
LEADER = Actor("店长周", Role.OWNER)
FRIENDS = {"version": 1, "root": {"op": "reachable", "channel": "any", "has": True}}
_LINK = {"kind": "link", "title": "山茶记 · 秋茶上新", "url": "https://shop.example/autumn"}


class SendsBrand(BrandPart):
    """Each week: on the second day a broadcast, on the third a moment, on the fourth a draft for
    approval, on the fifth a word to the groups."""

    name = "moments"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._moments: list[int] = []

    def set_up(self, now: datetime) -> dict[str, Any]:  # noqa: ARG002 - begins later
        """The guides shall post what comes."""
        return {"is_on": True}

    def day(self, day: int, now: datetime) -> None:
        """Write, submit, and let the other one approve."""
        week, weekday = divmod(day, 7)
        if weekday == 1:
            send_broadcast(self._to_friends("秋茶上新预告", week), now)
        elif weekday == 2:
            self._moments.append(self._post(week, now))
        elif weekday == 3:
            _submit(self._to_friends("周末品茶会邀请", week, spread=30), now)
        elif weekday == 4:
            send_broadcast(self._to_groups(week), now)

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """More likes than customers gave would be likes told twice."""
        told = [moment_queries.get_moment(LEADER, row_id).totals for row_id in self._moments]
        likes = sum(totals.likes for totals in told)
        return max(0, likes - seen.get("likes", 0))

    def _to_friends(self, name: str, week: int, *, spread: int = 0) -> Draft:
        return Draft(
            name=name + mark(week),
            account=self.setting.wecom,
            channel="wecom.mass_send",
            text=f"秋茶到店了，老朋友来喝第一泡，回复“茶”给您留一份。{mark(week)}",
            attachments=[_LINK],
            audience={"kind": "definition", "definition": FRIENDS},
            spread_minutes=spread,
        )

    def _to_groups(self, week: int) -> Draft:
        return Draft(
            name="周末品茶会群通知" + mark(week),
            account=self.setting.wecom,
            channel="wecom.group_send",
            text=f"周六下午两点, 店里开汤试新茶, 群里的朋友都来坐坐。{mark(week)}",
            attachments=[_LINK],
            audience={"kind": "groups"},
        )

    def _post(self, week: int, now: datetime) -> int:
        draft = MomentDraft(
            name="雾里采茶",
            account=self.setting.wecom,
            text=f"今早山里下雾了，茶芽带着露水。{mark(week)}",
            attachments=[_LINK],
        )
        row_id = moments.create_moment(OPERATOR, draft, now=now)
        moments.submit_moment(OPERATOR, row_id, now=now)
        moments.approve_moment(LEADER, row_id, 0, now=now)
        return row_id


def send_broadcast(draft: Draft, now: datetime) -> None:
    """Write, submit, and let the other one approve; nothing when nobody can be reached yet."""
    row_id = _submit(draft, now)
    if row_id is not None:
        broadcasts.approve_broadcast(LEADER, row_id, now=now)


def _submit(draft: Draft, now: datetime) -> int | None:
    """Write a broadcast and submit it; None when nobody can be reached yet."""
    row_id = broadcasts.create_broadcast(OPERATOR, draft, now=now)
    try:
        broadcasts.submit_broadcast(OPERATOR, row_id, now=now)
    except Refused:
        return None
    return row_id
