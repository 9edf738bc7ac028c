"""WeChat Pay keeps the promises every connector makes."""

from __future__ import annotations

from siyu.ports.testing import connector_suite

TestWechatPay = connector_suite("wechat_pay")
