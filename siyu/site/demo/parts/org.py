"""The brand's organisation: regions, stores, posts and scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.core.access import SYSTEM
from siyu.guides import org_actions
from siyu.guides.org_types import GUIDE, STORE_MANAGER
from siyu.site.demo.parts.part import BrandPart
from siyu.talk import scripts

REGIONS = (("east", "华东区", ""), ("sh", "上海", "east"), ("hz", "杭州", "east"))
STORES = (
    ("S001", "南京西路店", "sh", "上海", 31.2304, 121.4599),
    ("S002", "西湖店", "hz", "杭州", 30.2592, 120.1490),
)
SCRIPTS = (
    ("问候", "欢迎", "您好, 我是山茶记的导购, 有什么想了解的随时找我~"),
    ("问候", "生日祝福", "生日快乐! 为您准备了一份生日礼, 到店即可领取。"),
    ("售后", "退换说明", "七天内可无理由退换, 请保留好小票和吊牌。"),
)


class OrgBrand(BrandPart):
    """Two stores share the guides."""

    name = "org"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells the simulator who works."""
        for code, name, parent in REGIONS:
            org_actions.save_region(SYSTEM, code, name=name, parent=parent, now=now)
        for code, name, region, city, lat, lng in STORES:
            values = {"name": name, "region": region, "city": city, "lat": lat, "lng": lng}
            values |= {"hours": "10:00-22:00", "address": f"{city}市中心"}
            org_actions.save_store(SYSTEM, code, values, now=now)
        staff = self.setting.staff
        for number, userid in enumerate(staff):
            role = STORE_MANAGER if number < len(STORES) else GUIDE
            who = (self.setting.wecom, userid)
            store = STORES[number % len(STORES)][0]
            org_actions.set_post(SYSTEM, who, role, store=store, now=now)
        groups = {
            name: scripts.create_group(SYSTEM, name, is_mine=False, now=now)
            for name in dict.fromkeys(group for group, _, _ in SCRIPTS)
        }
        for group, title, text in SCRIPTS:
            scripts.save_script(SYSTEM, groups[group], title=title, text=text, now=now)
        return {"staff": list(staff)}
