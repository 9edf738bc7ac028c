"""A brand and the platform it lives on, in one process."""

from __future__ import annotations

import pytest

from siyu.core.runtime import Runtime, set_runtime
from siyu.guides import sources
from siyu.pool import belongings, tag_names, tag_words
from siyu.sandbox.door import SandboxDoor
from siyu.sandbox.world import SandboxWorld
from siyu.writeback import actions, switches
from siyu.writeback.catalogue import TagCatalogue
from siyu.writeback.tests.brand import Brand


@pytest.fixture
def brand(run_time, clock) -> Brand:
    """Mei and Lan of one corp, connected; hears callbacks and pulls when told to."""
    world = SandboxWorld(clock, platforms=["wecom"])
    set_runtime(Runtime(run_time.home, clock, SandboxDoor(world), run_time.namespaces))
    tag_words.set_ear(actions.hear_tag_lists)
    tag_names.on_name(actions.hear_name)
    belongings.on_change(actions.mark_changed)
    sources.register(TagCatalogue())
    switches.forget()
    return Brand(world, clock)
