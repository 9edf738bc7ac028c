"""The page of conformance and the tests agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"test_(?:rule_(\d\d)|(r\d+))_")


def written_tests() -> set[str]:
    trees = [
        ast.parse(path.read_text("utf-8"))
        for path in (ROOT / "tests" / "conformance").rglob("test_*.py")
    ]
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def listed_tests() -> dict[str, str]:
    page = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    return {
        name: rule
        for rule, name in re.findall(r"^\| (R?\d+) \| `(test_\w+)` \| .+ \|$", page, re.MULTILINE)
    }


def test_every_conformance_test_is_listed_and_exists():
    assert set(listed_tests()) == written_tests()


def test_every_conformance_test_is_named_after_its_rule():
    for name, rule in listed_tests().items():
        found = NAME.match(name)
        assert found, name
        assert rule == (str(int(found[1])) if found[1] else found[2].upper()), name
