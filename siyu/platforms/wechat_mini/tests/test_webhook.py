from __future__ import annotations

from siyu.platforms.wechat_mini.tests import kit
from siyu.ports.testing import golden_cases


@golden_cases("webhook")
def test_golden_facts_of_callbacks(case, connector, clock):
    verified = connector.webhook.verify(kit.APP_KIT.seal(case.body, clock.now()), clock.now())
    assert verified.reply_body == b"success"
    assert verified.body == case.body
    case.check(connector.webhook.read(verified.body, clock.now(), verified.message_id))
