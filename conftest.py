"""Fixtures every slice's tests share: a clock, a scripted wire, a runtime, the cast."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("siyu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("siyu")
"""How fast the machine is just now says nothing about what a test checks."""


@pytest.fixture
def clock():
    """A clock standing at 2026-11-11 10:00 in Shanghai."""
    from siyu.kernel.clock import FakeClock

    return FakeClock(datetime(2026, 11, 11, 2, 0, tzinfo=UTC))


@pytest.fixture
def wire():
    """The scripted transport: `wire.script("GET /path", [answers])`."""
    from siyu.ports.testing import ScriptedDoor

    return ScriptedDoor()


@pytest.fixture
def run_time(tmp_path: Path, clock, wire) -> object:
    """The process's runtime over a temporary home, the fake clock and the scripted wire."""
    from siyu.core.runtime import Runtime, set_runtime
    from siyu.kernel.identity import Namespaces
    from siyu.ports.manifest import list_platforms, load_manifest

    rules = [rule for name in list_platforms() for rule in load_manifest(name).namespaces]
    value = Runtime(home=tmp_path, clock=clock, http=wire, namespaces=Namespaces(rules))
    set_runtime(value)
    return value


@pytest.fixture
def lin():
    """Lin owns the brand."""
    from siyu.core.access import Actor, Role

    return Actor("lin", Role.OWNER)


@pytest.fixture
def mei():
    """Mei is a guide; her WeCom userid is `mei`."""
    from siyu.core.access import Actor, Role

    return Actor("mei", Role.GUIDE, "mei")


@pytest.fixture
def wu():
    """Wu audits and must see no phone numbers."""
    from siyu.core.access import Actor, Role

    return Actor("wu", Role.AUDITOR)
