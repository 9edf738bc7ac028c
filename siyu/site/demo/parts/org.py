"""The brand's organisation, from its own table: regions, stores and posts; and scripts."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from siyu.core.access import SYSTEM
from siyu.guides.org_import import import_org
from siyu.kernel.errors import Refused
from siyu.site.demo.parts.part import BrandPart
from siyu.talk import scripts

REGIONS = (("east", "华东区", ""), ("sh", "上海", "east"), ("hz", "杭州", "east"))
STORES = (
    ("S001", "南京西路店", "sh", "上海", 31.2304, 121.4599),
    ("S002", "西湖店", "hz", "杭州", 30.2592, 120.1490),
)
COLUMNS = (
    *("区域编码", "区域名称", "上级区域编码", "门店编码", "门店名称", "城市", "地址"),
    *("纬度", "经度", "营业时间", "成员ID", "岗位"),
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
        with TemporaryDirectory() as folder:
            table = Path(folder) / "组织.csv"
            self._write(table)
            errors = import_org(SYSTEM, table, is_dry=False, now=now).errors
        if errors:
            raise Refused("demo.org", f"{errors[0].row}: {errors[0].reason}", field="file")
        groups = {
            name: scripts.create_group(SYSTEM, name, is_mine=False, now=now)
            for name in dict.fromkeys(group for group, _, _ in SCRIPTS)
        }
        for group, title, text in SCRIPTS:
            scripts.save_script(SYSTEM, groups[group], title=title, text=text, now=now)
        return {"staff": list(self.setting.staff)}

    def _write(self, table: Path) -> None:
        """As the brand keeps it: the regions, then a row for everybody in a store; the first in
        each leads it."""
        with table.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(COLUMNS)
            for code, name, parent in REGIONS:
                rows.writerow([code, name, parent, *[""] * (len(COLUMNS) - 3)])
            for number, userid in enumerate(self.setting.staff):
                code, name, region, city, lat, lng = STORES[number % len(STORES)]
                role = "店长" if number < len(STORES) else "导购"
                place = [code, name, city, f"{city}市中心", lat, lng, "10:00-22:00"]
                rows.writerow([region, "", "", *place, userid, role])
