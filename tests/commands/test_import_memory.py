"""An import four times as large needs no more memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
CODE = (
    "import resource, sys; from siyu.site.command import main; assert main(sys.argv[1:]) == 0;"
    " print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
)
GROWTH_MIB = 40


def peak_mib(folder: Path, count: int) -> int:
    path = folder / f"{count}.csv"
    rows = (f"m{n % 500},search,2024-01-02 10:00:{n % 60:02d},e{n},sku{n}\n" for n in range(count))
    path.write_text("会员编号,事件,时间,事件ID,商品\n" + "".join(rows), "utf-8")
    home = folder / f"home{count}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SIYU_", "DJANGO_"))}
    command = ["--home", str(home), "import", "events", str(path)]
    command += ["--yes", "--json", "--batch", "10000"]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command],
        env={**environment, "SIYU_HOME": str(home)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report, peak = done.stdout.strip().splitlines()
    assert json.loads(report)["fresh"] == count
    return int(peak)


def test_memory_is_flat(tmp_path: Path) -> None:
    assert peak_mib(tmp_path, 160_000) - peak_mib(tmp_path, 40_000) < GROWTH_MIB
