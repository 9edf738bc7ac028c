"""The bench of WeCom's promises runs, small; what must be zero or whole is so at any size."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[2]
SMALL = "--customers 200 --seconds 1 --callbacks 50 --friends 8 --times 1"


def test_wecom_keeps_its_promises_at_a_small_size() -> None:
    done = subprocess.run(
        [sys.executable, "bench/wecom.py", "--json", *SMALL.split()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (found["pull"]["missing"], found["pull"]["duplicates"]) == (0, 0)
    assert found["pull"]["calls"] <= 20
    assert (found["callbacks"]["not_accepted"], found["callbacks"]["missing"]) == (0, 0)
    assert found["welcomes"]["duplicates"] == 0
    assert found["welcomes"]["share_in_20_s"] > 0
    assert found["pages"]["guides_ms"].keys() == {"all", "region", "store", "self"}
