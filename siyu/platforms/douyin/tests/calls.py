"""Douyin's calls, for the conformance suite."""

from __future__ import annotations

from siyu.platforms.douyin.tests.kit import KIT, outgoing
from siyu.ports.testing.kit import Call, CallList

SEND = Call("douyin.dm.send", KIT.send_call, (outgoing("你好"),), KIT.send_answer, is_safe=False)
CALLS = CallList((SEND,), quiet=frozenset({"douyin.dm.poll", "douyin.dm.find_sent"}))
