"""Which engine answers, and what is said when it cannot."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from siyu.kernel.errors import Refused
from siyu.lake.engines import configured_engine, open_reader, plain_rows
from siyu.lake.spark.patterns import to_java
from siyu.lake.spark.session import check_installation, check_master

pytestmark = pytest.mark.usefixtures("run_time")


@pytest.mark.django_db
def test_duckdb_answers_unless_told_otherwise():
    assert configured_engine().check().startswith("DuckDB ")
    with open_reader() as reader:
        rows = plain_rows(reader.table("SELECT sum($n) AS n, 0.5 AS h", {"n": 2}))
    assert rows == [{"n": 2, "h": 0.5}]
    assert type(rows[0]["n"]) is int


@pytest.mark.django_db
def test_a_slow_statement_is_stopped():
    with open_reader(timeout_s=0.1) as reader, pytest.raises(Refused) as error:
        reader.table("SELECT count(*) FROM range(10000000) a, range(10000000) b")
    assert error.value.code == "query.timeout"


def test_without_java_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Refused) as error:
        check_installation()
    assert error.value.code == "engine.java"
    assert "apt-get install default-jre-headless" in error.value.reason


def test_an_old_java_is_named(monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Refused) as error:
        check_installation()
    assert "Java 8 太旧" in error.value.reason


def test_a_master_that_is_away_is_named(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{free.getsockname()[1]}"
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, engine="spark", spark_master=master)
        with pytest.raises(Refused) as error:
            configured_engine().check()
    assert (error.value.code, error.value.field) == ("engine.master", "SIYU_SPARK_MASTER")


def test_any_of_several_masters_may_answer():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        check_master(f"spark://127.0.0.1:1,127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("pattern", "translated"),
    [
        ("^A$", r"(?du)^A\z"),
        ("(?m)^A$", "(?du)(?m)^A$"),
        ("(?P<n>a)", "(?du)(a)"),
        ("[[:alpha:]$&&]", r"(?du)[\p{Alpha}$\&\&]"),
        ("[^]a[]", r"(?du)[^\]a\[]"),
        (r"\Qa$\E\$", r"(?du)\Qa$\E\$"),
    ],
)
def test_patterns_are_translated(pattern, translated):
    assert to_java(pattern) == translated
