"""All parts, in the order in which they act within a step."""

from __future__ import annotations

from siyu.sandbox.simulator.parts.codes import Codes
from siyu.sandbox.simulator.parts.fans import Fans
from siyu.sandbox.simulator.parts.groups import Groups
from siyu.sandbox.simulator.parts.leaving import Leaving
from siyu.sandbox.simulator.parts.moments import Moments
from siyu.sandbox.simulator.parts.org import Org
from siyu.sandbox.simulator.parts.part import Part
from siyu.sandbox.simulator.parts.pay import Pay
from siyu.sandbox.simulator.parts.sends import Sends
from siyu.sandbox.simulator.parts.sidebar import Sidebar
from siyu.sandbox.simulator.parts.store_codes import StoreCodes
from siyu.sandbox.simulator.parts.writeback import Writeback

PARTS: tuple[type[Part], ...] = (
    Codes,
    StoreCodes,
    Fans,
    Writeback,
    Groups,
    Sends,
    Moments,
    Pay,
    Org,
    Leaving,
    Sidebar,
)
