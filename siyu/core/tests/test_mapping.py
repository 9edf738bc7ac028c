from __future__ import annotations

import pytest
from django.db import connection

from siyu.core.sqlite.mapping import unmapped


def mapped() -> int:
    """Bytes; none on PostgreSQL."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA mmap_size")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_file_is_mapped_until_the_work_is_over():
    usual = mapped()
    with unmapped():
        assert mapped() == 0
    assert mapped() == usual
    with pytest.raises(ZeroDivisionError), unmapped():
        _ = 1 / 0
    assert mapped() == usual
