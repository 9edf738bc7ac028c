"""Walls that import-linter cannot express."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from siyu.ports.manifest import list_platforms

ROOT = Path(__file__).parents[2]
SIYU = ROOT / "siyu"
SLICES = {
    "pool",
    "lake",
    "segments",
    "materials",
    "reach",
    "groups",
    "journeys",
    "talk",
    "growth",
    "guides",
    "commerce",
    "fans",
    "insight",
    "files",
}


def python_files(*, tests: bool = False) -> list[Path]:
    return [
        path
        for path in SIYU.rglob("*.py")
        if "migrations" not in path.parts and (tests or "tests" not in path.parts)
    ]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_a_slice_uses_no_other_slice_s_models():
    wrong = []
    for path in python_files():
        room = path.relative_to(SIYU).parts[0]
        for name in imported(path):
            match = re.match(r"siyu\.(\w+)\.models", name)
            if match and match[1] in SLICES and match[1] != room:
                wrong.append((str(path.relative_to(ROOT)), name))
    assert not wrong


def test_only_platform_folders_name_a_platform():
    names = "|".join(list_platforms())
    pattern = re.compile(rf"if .*platform.*==\s*[\"']({names})[\"']")
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.relative_to(SIYU).parts[0] not in {"platforms", "sandbox"}
        and pattern.search(path.read_text("utf-8"))
    ]
    assert not wrong


def test_only_the_door_opens_connections_to_the_world():
    allowed = {
        SIYU / "core" / "http.py",
        SIYU / "core" / "addresses.py",
        SIYU / "site" / "commands" / "up.py",
    }
    clients = {"httpx", "requests", "urllib.request", "http.client", "aiohttp"}
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path not in allowed
        and path.relative_to(SIYU).parts[0] != "sandbox"
        and "sandbox" not in path.parts
        and path.name != "sandbox.py"
        and imported(path) & clients
    ]
    assert not wrong


def test_the_system_time_is_read_in_one_place():
    pattern = re.compile(r"datetime\.now\(|timezone\.now\(|date\.today\(|\btime\.time\(\)")
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path != SIYU / "kernel" / "clock.py" and pattern.search(path.read_text("utf-8"))
    ]
    assert not wrong


def test_no_test_patches_our_code():
    pattern = re.compile(r"unittest\.mock|mock\.patch|monkeypatch\.setattr\(\s*siyu|mocker\.")
    tests = [*python_files(tests=True), *(ROOT / "tests").rglob("*.py")]
    wrong = [
        str(path.relative_to(ROOT))
        for path in tests
        if path != Path(__file__) and pattern.search(path.read_text("utf-8"))
    ]
    assert not wrong
