from __future__ import annotations

from siyu.ports.testing import connector_suite

TestWecom = connector_suite("wecom")
