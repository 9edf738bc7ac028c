"""The self-check names channels that are left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.reach.circuits import note_circuit
from siyu.site.doctor import _circuits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def test_an_open_circuit_is_shown_until_it_closes(clock):
    lane = ("wecom:ww1", "wecom.mass_send")
    assert list(_circuits()) == []
    note_circuit(lane, clock.now() + timedelta(seconds=10), "wecom.busy", clock.now())
    (check,) = _circuits()
    assert not check.is_ok
    assert check.name == "circuit:wecom:ww1:wecom.mass_send"
    assert "wecom.busy" in check.detail
    note_circuit(lane, None, "", clock.now())
    assert list(_circuits()) == []
