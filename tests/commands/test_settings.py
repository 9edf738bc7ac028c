"""Wrong settings end a command with one clear line and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.running import siyu

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("words", "settings", "named"),
    [
        (["doctor"], {"SIYU_PORT": "http"}, "SIYU_PORT"),
        (["up"], {"SIYU_PORT": "70000"}, "SIYU_PORT"),
        (["up", "--port", "70000"], {}, "SIYU_PORT"),
        (["web"], {"SIYU_DATABASE_URL": "mysql://x"}, "SIYU_DATABASE_URL"),
        (["keys", "list"], {"SIYU_SECRET_KEY": "short"}, "SIYU_SECRET_KEY"),
        (["worker"], {"SIYU_LOG_LEVEL": "loud"}, "SIYU_LOG_LEVEL"),
        (["query", "SELECT 1"], {"SIYU_DEMO": "maybe"}, "SIYU_DEMO"),
        (["doctor"], {"SIYU_SECRET_KEY_FILE": "/nonexistent"}, "SIYU_SECRET_KEY_FILE"),
        (["worker", "--only", "nonsense"], {}, "--only"),
        (["web", "--processes", "2"], {}, "--processes"),
        (["segment", "preview", "/nonexistent.json"], {}, "definition"),
        (["import", "orders", "/nonexistent.csv"], {}, "/nonexistent.csv"),
    ],
)
def test_one_clear_line(tmp_path: Path, words, settings, named):
    done = siyu(tmp_path / "home", *words, **settings)
    assert done.returncode == 2, done.stderr
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("siyu: ")
    assert named in line
    assert done.stdout == ""


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    done = siyu(blocked / "home", "keys", "list")
    assert done.returncode == 2
    assert "SIYU_HOME" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("word", ["keys", "segment"])
def test_a_home_without_tables_says_what_to_do(tmp_path: Path, word):
    done = siyu(tmp_path / "home", word, "list")
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert "siyu up" in line
