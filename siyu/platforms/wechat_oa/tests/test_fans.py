"""What a fan's profile says, as facts."""

from __future__ import annotations

from siyu.platforms.wechat_oa import connect
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.testing import MemoryTokenStore, ScriptedDoor, golden_cases
from siyu.wechat.testing import OPENID, TOKEN_CALL, token_answer

TAGS = {"tags": [{"id": 2, "name": "星标组", "count": 1}, {"id": 101, "name": "海报", "count": 7}]}


@golden_cases("fans")
def test_golden_facts_of_fans(case, clock):
    wire = ScriptedDoor()
    wire.script(TOKEN_CALL, [token_answer(0)])
    wire.script("GET /cgi-bin/user/info", [case.json()])
    wire.script("GET /cgi-bin/tags/get", [TAGS])
    connector = connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))
    assert connector.contacts is not None
    case.check(connector.contacts.fetch_contact(OPENID))
