"""Golden facts: every fixture file is a case, its facts are compared with a kept JSON file.

`SIYU_UPDATE_GOLDEN=1 pytest …` writes the golden files anew; read the diff before committing.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest

Test = TypeVar("Test", bound=Callable[..., Any])
UPDATE = "SIYU_UPDATE_GOLDEN"


@dataclass(frozen=True)
class Case:
    """One fixture file and the golden file that belongs to it."""

    name: str
    path: Path
    golden: Path

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def check(self, value: Any) -> None:
        """Compare with the golden file, as JSON; write it instead when asked to."""
        found = msgspec.json.decode(msgspec.json.encode(value))
        if os.environ.get(UPDATE) == "1":
            self.golden.parent.mkdir(parents=True, exist_ok=True)
            pretty = msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=2)
            self.golden.write_bytes(pretty + b"\n")
        assert self.golden.exists(), f"no golden file {self.golden}; run with {UPDATE}=1"
        assert found == msgspec.json.decode(self.golden.read_bytes())


def golden_cases(folder: str) -> Callable[[Test], Test]:
    """Run a test once for each file of `fixtures/<folder>` beside it; its argument is `case`.

    The golden file of `fixtures/webhook/add.xml` is `golden/webhook/add.json`.
    """

    def decorate(test: Test) -> Test:
        here = Path(inspect.getfile(test)).parent
        files = sorted(p for p in (here / "fixtures" / folder).iterdir() if p.is_file())
        assert files, f"no fixtures in {here / 'fixtures' / folder}"
        cases = [
            Case(path.stem, path, here / "golden" / folder / f"{path.stem}.json") for path in files
        ]
        mark = pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])
        return cast("Test", mark(test))

    return decorate
