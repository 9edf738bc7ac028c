"""The main job end to end, on real wire protocols."""

from __future__ import annotations

import json

import pytest

from tests.demo.running import read_report, start_demo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PEOPLE = 200


def test_the_demo_reports_a_brand_that_lost_and_doubled_nothing(tmp_path):
    file = tmp_path / "report.json"
    size = ("--customers", str(PEOPLE), "--days", "6")
    demo = start_demo(tmp_path / "demo", "--exit", *size, "--report", str(file))
    report = read_report(demo)
    assert demo.wait(60) == 0
    assert report["duplicates"] == 0
    assert report["lost"] == 0
    assert report["customers"] >= PEOPLE * 0.8
    assert report["identities"] > report["customers"]
    assert report["merges"] > 0
    assert report["orders"] > 0
    assert report["touches"]["delivered"] > 0
    parts = report["parts"]
    assert parts["leaving"]["moved"] > 0 < parts["leaving"]["refused"]
    assert parts["sidebar"]["sent"] > 0
    assert parts["store_codes"]["came"] > 0 < parts["store_codes"]["far"]
    flywheel = report["flywheel"]
    assert list(flywheel) == ["attract", "delight", "spread", "buy", "loyal"]
    assert flywheel["attract"] >= flywheel["buy"] >= flywheel["loyal"] > 0
    found = json.loads(file.read_text("utf-8"))
    assert found["siyu"]["wecom"]["adds"] >= found["witness"]["friends"] > 0
    assert found["siyu"]["wecom"]["losses"] >= sum(found["witness"]["departures"].values())
    assert found["calls"]["wecom"]["/cgi-bin/externalcontact/send_welcome_msg"]["calls"] > 0
    assert found["witness"]["platforms"]["wecom"]["group_sends"] > 0
    assert found["callbacks"]["sent"] >= found["callbacks"]["acknowledged"] > 0
    assert found["memory_mb"]["peak"] >= max(found["memory_mb"]["quarters"]) > 0


def test_a_home_that_is_no_demo_is_not_emptied(tmp_path):
    home = tmp_path / "brand"
    home.mkdir()
    (home / "siyu.db").write_text("precious")
    demo = start_demo(home, "--exit")
    assert demo.wait(60) == 2
    assert (home / "siyu.db").read_text() == "precious"
