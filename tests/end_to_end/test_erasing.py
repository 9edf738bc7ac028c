"""Who is erased leaves nothing personal behind: not in a table, not in a file."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.end_to_end.erasing import CANARIES
from tests.end_to_end.product import place

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with place(tmp_path_factory.mktemp("erased")) as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.erasing"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_person_was_known_everywhere(report):
    seen = {line.rpartition(": ")[2] for line in report["before"]}
    assert seen == set(CANARIES)
    tables = {line.partition(": ")[0] for line in report["before"]}
    assert {
        "pool_identity",
        "pool_trait",
        "pool_customer",
        "talk_message",
        "talk_conversation",
        "reach_touch",
        "reach_wording",
        "core_rejecteditem",
        "guides_fetch",
    } <= tables


def test_nothing_is_left_in_any_table_or_file(report):
    assert report["after"] == []


def test_late_events_do_not_bring_the_person_back(report):
    assert report["after_late"] == []
    assert (report["recreated"], report["living"]) == (0, 0)
