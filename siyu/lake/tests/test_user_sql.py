"""Users may ask anything of the documented tables and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.errors import Forbidden, Refused
from siyu.lake import actions
from siyu.lake.tests.support import batch, seen
from siyu.lake.user_sql import check_sql, run_user_sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def test_a_select_answers_with_columns_and_rows(clock, lin):
    start = clock.now()
    actions.buffer(batch(start, *[seen(i % 3 + 1, start + timedelta(hours=i)) for i in range(9)]))
    result = run_user_sql(
        lin, "SELECT customer_id, count(*) AS n FROM events GROUP BY 1 ORDER BY 1 DESC; -- end"
    )
    assert result.columns == ["customer_id", "n"]
    assert result.rows == [(3, 3), (2, 3), (1, 3)]
    assert not result.is_truncated


def test_months_are_those_of_the_brand(clock, lin):
    from datetime import UTC, datetime

    actions.buffer(batch(clock.now(), seen(1, datetime(2026, 10, 31, 17, tzinfo=UTC))))
    sql = "SELECT strftime(date_trunc('month', occurred_at), '%Y-%m') FROM events"
    assert run_user_sql(lin, sql).rows == [("2026-11",)]


def test_every_documented_table_is_there_even_when_empty(lin):
    from siyu.lake.user_sql import table_names

    for name in table_names():
        assert run_user_sql(lin, f"SELECT * FROM {name} LIMIT 1").columns


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE customers",
        "SELECT 1; SELECT 2",
        "INSERT INTO customers VALUES (1)",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('x.parquet')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('customers')",
        "SELECT * FROM duckdb_settings()",
        "SELECT current_setting('allowed_directories')",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM lake_pending",
        "COPY customers TO '/tmp/x.csv'",
        "ATTACH 'x.db'",
        "SET threads = 1",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "SELECT $a",
        "SELECT (((",
        "",
        "EXPLAIN SELECT 1",
        "SELECT 'a' AS x FROM customers) UNION (SELECT 1",
    ],
)
def test_anything_but_one_select_over_known_tables_is_refused(lin, sql):
    with pytest.raises(Refused) as caught:
        run_user_sql(lin, sql)
    assert caught.value.field == "sql"


def test_wrong_columns_are_named_in_a_sentence(lin):
    with pytest.raises(Refused, match="nonsense"):
        run_user_sql(lin, "SELECT nonsense FROM customers")


def test_a_slow_query_is_stopped(lin):
    sql = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b"
    with pytest.raises(Refused) as caught:
        run_user_sql(lin, sql, timeout_s=0.3)
    assert caught.value.code == "query.timeout"


def test_rows_over_the_cap_are_cut_and_said_so(lin):
    result = run_user_sql(lin, "SELECT * FROM range(100) ORDER BY 1 DESC", max_rows=10)
    assert result.is_truncated
    assert [row[0] for row in result.rows] == list(range(99, 89, -1))


def test_only_who_may_query_queries(mei):
    with pytest.raises(Forbidden):
        run_user_sql(mei, "SELECT 1")


def test_a_cte_may_have_any_name():
    assert check_sql("WITH x AS (SELECT 1 AS a) SELECT a FROM x")
