"""What a store's order says, as facts."""

from __future__ import annotations

from siyu.platforms.wechat_mini import connect
from siyu.platforms.wechat_mini.tests import kit
from siyu.ports.testing import MemoryTokenStore, ScriptedDoor, golden_cases
from siyu.wechat.testing import TOKEN_CALL, token_answer


@golden_cases("orders")
def test_golden_facts_of_orders(case, clock):
    wire = ScriptedDoor()
    wire.script(TOKEN_CALL, [token_answer(0)])
    wire.script("POST /channels/ec/order/get", [case.json()])
    connector = connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))
    assert connector.orders is not None
    case.check(connector.orders.fetch_order("3700000000000000001"))
