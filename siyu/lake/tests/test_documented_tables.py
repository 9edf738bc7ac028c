"""The data dictionary says what a session shows, and named queries are real SQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

import siyu
from siyu.kernel.errors import NotFound
from siyu.lake import mirror
from siyu.lake.mirror import MirrorTable
from siyu.lake.session import describe_tables, named
from siyu.lake.tables import EVENTS, TABLES

ROOT = Path(siyu.__file__).parent
DICTIONARY = ROOT.parent / "docs" / "lake.md"
NAMED = sorted(ROOT.glob("*/sql/*.sql"))


def _documented() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    name = ""
    for line in DICTIONARY.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"### (\w+)", line):
            name = heading[1]
            found[name] = {}
        elif name and (row := re.match(r"\| `(\w+)` \| (\w+) \|", line)):
            found[name][row[1]] = row[2].replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("run_time")
def test_the_dictionary_lists_every_table_and_column():
    documented = _documented()
    assert set(documented) == {"events", *TABLES}
    assert {table: list(columns) for table, columns in documented.items()} == {
        "events": list(EVENTS),
        **{name: list(columns) for name, columns in TABLES.items()},
    }
    shown = describe_tables()
    for table, columns in documented.items():
        assert columns.items() <= shown[table].items(), table


@pytest.mark.parametrize("path", NAMED, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_every_named_query_parses_as_one_select(path):
    statements = sqlglot.parse(named(path.parts[-3], path.stem), read="duckdb")
    assert len(statements) == 1
    assert isinstance(statements[0], exp.Query)


@pytest.mark.parametrize("name", ["nothing", "../sql/rfm", "", "rfm.sql"])
def test_an_unknown_named_query_is_not_found(name):
    with pytest.raises(NotFound):
        named("segments", name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "A b", "sql": "SELECT 1", "columns": {"customer_id": "int"}},
        {"name": "a", "sql": "SELECT 1", "columns": {"customer_id": "blob"}},
        {"name": "a", "sql": "SELECT 1", "columns": {"x": "int"}},
        {"name": "a", "sql": "SELECT 1", "columns": {}},
    ],
)
def test_a_wrong_mirror_is_refused_at_once(wrong):
    with pytest.raises(ValueError):
        mirror.register(wrong)
    with pytest.raises(ValueError):
        MirrorTable(**wrong)
