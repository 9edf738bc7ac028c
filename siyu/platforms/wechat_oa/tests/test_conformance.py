"""The official account keeps the promises every connector makes."""

from __future__ import annotations

from siyu.ports.testing import connector_suite

TestOfficialAccount = connector_suite("wechat_oa")
