"""The import that is killed. `--careless` is the sabotage: the position moves before the rows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from siyu.site.boot import boot, migrate

ROWS = 40


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("file", type=Path)
    parser.add_argument("--careless", action="store_true")
    told = parser.parse_args()
    boot()
    migrate()
    from siyu.files import kinds
    from siyu.files.local import finish_local, open_local

    run, file = open_local(told.kind, told.file)
    mapping = kinds.guess(told.kind, file.header)
    if told.careless:
        skip_ahead(told.kind)
    finish_local(run, file, mapping, is_dry=False, rows_at_once=ROWS)
    return 0


def skip_ahead(kind: str) -> None:
    """Before each batch, say that it is done."""
    from siyu.files import running
    from siyu.files.models import ImportRun

    steps = running.STEPS
    step = steps[kind]

    def careless(run, rows, mapping, stages):
        ImportRun.objects.filter(pk=run.pk).update(position=rows.end)
        step(run, rows, mapping, stages)

    steps[kind] = careless


if __name__ == "__main__":
    sys.exit(main())
