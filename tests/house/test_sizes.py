"""The house's sizes: short files, short functions, few arguments, no rooms for everything."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_FILE = 500
MAX_FUNCTION = 60
MEDIAN_FUNCTION = 13
P90_FUNCTION = 50
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "service"}


def sources(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
            (node.end_lineno or 0) - node.lineno + 1,
        )
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def test_no_file_is_too_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources("siyu", "tests", "bench")
        if (lines := len(path.read_text("utf-8").splitlines())) > MAX_FILE
    }
    assert not long


def test_no_console_file_is_too_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for suffix in ("ts", "tsx")
        for path in (ROOT / "console" / "src").rglob(f"*.{suffix}")
        if not path.name.endswith(".gen.ts")
        and "locales" not in path.parts
        and (lines := len(path.read_text("utf-8").splitlines())) > MAX_FILE
    }
    assert not long


def test_functions_are_short():
    found = [item for path in sources("siyu", "bench") for item in functions(path)]
    assert not [item for item in found if item[1] > MAX_FUNCTION]
    lengths = sorted(lines for _, lines in found)
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert lengths[int(len(lengths) * 0.9)] < P90_FUNCTION


def test_no_module_is_called_after_nothing():
    found = {str(path.relative_to(ROOT)) for path in sources("siyu") if path.stem in BANNED_NAMES}
    assert found == {"siyu/core/sqlite/base.py"}, "Django finds a database backend by this name"
