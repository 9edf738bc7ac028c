"""A notice that comes again is known again, however it was dated and sealed."""

from __future__ import annotations

from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.testing import as_request


def test_a_notice_sent_again_later_is_the_same_notice(connector, sandbox, world, clock):
    kit.read(connector)
    sandbox.control("pay", {"out_trade_no": "SCJ1", "person": "p1", "amount_fen": 500})
    clock.advance(minutes=3)
    sandbox.control("notify_again", {"out_trade_no": "SCJ1"})
    first, again = (as_request(callback) for callback in world.sent)
    assert first.body != again.body
    one, other = (connector.webhook.verify(each, clock.now()) for each in (first, again))
    assert (one.message_id, one.body) == (other.message_id, other.body)
