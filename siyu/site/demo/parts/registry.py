"""All parts of the brand, in the order in which they are set up."""

from __future__ import annotations

from siyu.site.demo.parts.codes import CodesBrand
from siyu.site.demo.parts.fans import FansBrand
from siyu.site.demo.parts.groups import GroupsBrand
from siyu.site.demo.parts.leaving import LeavingBrand
from siyu.site.demo.parts.org import OrgBrand
from siyu.site.demo.parts.part import BrandPart
from siyu.site.demo.parts.pay import PayBrand
from siyu.site.demo.parts.sends import SendsBrand
from siyu.site.demo.parts.sidebar import SidebarBrand
from siyu.site.demo.parts.store_codes import StoreCodesBrand
from siyu.site.demo.parts.writeback import WritebackBrand

BRAND_PARTS: tuple[type[BrandPart], ...] = (
    CodesBrand,
    PayBrand,
    WritebackBrand,
    FansBrand,
    OrgBrand,
    StoreCodesBrand,
    LeavingBrand,
    SidebarBrand,
    GroupsBrand,
    SendsBrand,
)
