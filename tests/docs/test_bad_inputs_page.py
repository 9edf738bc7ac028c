"""The page of bad inputs and the tests agree: every cell has a test or is said to have none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([a-z]+\.\d) \| .+ \| `([\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
CELLS = {
    *(f"identity.{n}" for n in range(1, 5)),
    *(f"import.{n}" for n in range(1, 7)),
    *(f"segment.{n}" for n in range(1, 3)),
    *(f"collector.{n}" for n in range(1, 7)),
}
NAMED = re.compile(r"test_(identity|import|segment|collector)_(\d)_")


def page() -> str:
    return (ROOT / "docs" / "bad_inputs.md").read_text("utf-8")


def named_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_cell_has_a_test_or_is_said_to_have_none():
    missing = set(re.findall(r"^\| ([a-z]+\.\d) \| [^|]+ \|$", page(), re.MULTILINE))
    assert {cell for cell, _, _ in ROW.findall(page())} | missing == CELLS


def test_every_listed_test_exists():
    for _, path, name in ROW.findall(page()):
        assert name in named_tests(ROOT / path), f"{path}::{name}"


def test_every_test_of_bad_inputs_is_listed_under_its_cell():
    listed = {(path, name): cell for cell, path, name in ROW.findall(page())}
    for path in (ROOT / "tests" / "bad_inputs").glob("test_*.py"):
        for name in named_tests(path):
            found = NAMED.match(name)
            assert found, name
            cell = listed.get((str(path.relative_to(ROOT)), name))
            assert cell == f"{found[1]}.{found[2]}", name
