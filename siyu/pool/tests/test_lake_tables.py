"""What the lake may read of the pool."""

from __future__ import annotations

import pytest
from django.db import connection

from siyu.kernel.clock import to_ms
from siyu.pool.lake_tables import TABLES
from siyu.pool.tests.people import fact, feed, phone, unionid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["name"])
def test_select_gives_the_columns_it_declares(clock, table):
    one = fact(
        unionid("u1"),
        phone("+8613912345678"),
        at=to_ms(clock.now()),
        name="friend_added",
        account="wecom:ww1",
        staff="mei",
        traits={"name": "kanarienvogel"},
    )
    feed(clock, one)
    with connection.cursor() as cursor:
        cursor.execute(table["sql"])
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    assert names == list(table["columns"])
    assert "kanarienvogel" not in repr(rows)
    if "hash" not in table["columns"].values():
        assert "13912345678" not in repr(rows)
