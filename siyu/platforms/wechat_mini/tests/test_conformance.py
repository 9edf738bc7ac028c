"""The mini program keeps the promises every connector makes."""

from __future__ import annotations

from siyu.ports.testing import connector_suite

TestMiniProgram = connector_suite("wechat_mini")
