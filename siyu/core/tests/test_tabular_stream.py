"""Files as they come, in batches: every encoding, every bad day."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.core.tabular.stream import open_rows
from siyu.kernel.errors import Refused

TEXT = "号,名\n1,张三丰\n2,李四\n"


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, size: int = 3, start: int = 0):
    """(cells, row numbers, refused (row, code)) of a whole file."""
    cells, numbers, refused = [], [], []
    for rows in open_rows(path).rows(size, start=start):
        cells += list(zip(*(c.to_pylist() for c in rows.columns.columns), strict=True))
        numbers += rows.numbers.tolist()
        refused += [(row.row, row.code) for row in rows.refused]
    return cells, numbers, refused


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.replace(",", ";").encode(), "utf-8"),
        (TEXT.replace(",", "\t").encode(), "utf-8"),
        (TEXT.replace("\n", "\r\n").encode(), "utf-8"),
        (gzip.compress(TEXT.encode("gbk"), mtime=0), "gb18030"),
    ],
)
def test_encodings_and_delimiters_are_detected_and_read_exactly(tmp_path, content, told):
    path = write(tmp_path / "a.csv", content)
    assert open_rows(path).how["编码"] == told
    assert open_rows(path).header == ["号", "名"]
    assert read(path)[0] == [("1", "张三丰"), ("2", "李四")]


def test_cut_last_line_open_quote_and_wrong_rows_are_reported_by_number(tmp_path):
    path = write(tmp_path / "a.csv", 'a,b\n1,2\n3\n4,5,6\n7,"8\n9,0\n')
    assert read(path) == (
        [("1", "2")],
        [2],
        [(3, "import.cells"), (4, "import.cells"), (5, "import.quote")],
    )
    cut = write(tmp_path / "cut.csv", TEXT.encode()[:-2])
    assert read(cut)[0][-1][0] == "2"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"a,b\n1,\x00\n", "import.binary"),
        (b"a,b\n1,\xff\xff\xff\n", "import.encoding"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000, mtime=0), "import.bomb"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-6], "import.gzip"),
        ((",".join("c" for _ in range(600)) + "\n1\n").encode(), "import.columns"),
        (b"PAR1 nonsense", "import.parquet"),
        (b"PK\x03\x04 nonsense", "import.archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nonsense", "import.archive"),
    ],
)
def test_hopeless_files_are_refused_whole(tmp_path, content, code):
    with pytest.raises(Refused) as refusal:
        read(write(tmp_path / "a.csv", content))
    assert refusal.value.code == code


def test_a_million_columns_are_refused_quickly(tmp_path):
    path = write(tmp_path / "a.csv", b"c," * 1_000_000 + b"\n")
    with pytest.raises(Refused) as refusal:
        open_rows(path)
    assert refusal.value.code in {"import.columns", "import.header"}


@pytest.mark.parametrize("name", ["../../x.xml", "/etc/x.xml", "a\\..\\x.xml"])
def test_names_inside_a_workbook_never_become_paths(tmp_path, name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(Refused):
        read(write(tmp_path / "a.xlsx", buffer.getvalue()))
    assert not (tmp_path.parent / "x.xml").exists()


def test_nested_and_repeated_entries_are_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", b"x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.xml", b"y")
    with pytest.raises(Refused) as refusal:
        read(write(tmp_path / "a.xlsx", buffer.getvalue()))
    assert refusal.value.code == "import.archive"


def test_days_of_a_1904_workbook_are_the_days_it_shows(tmp_path):
    path = tmp_path / "a.xlsx"
    for is_1904 in (False, True):
        with xlsxwriter.Workbook(str(path), {"date_1904": is_1904}) as book:
            sheet, dated = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, ["号", "日"])
            sheet.write(1, 0, 123456789012345)
            sheet.write_datetime(1, 1, datetime(2024, 2, 29), dated)  # noqa: DTZ001
        assert read(path)[0] == [("123456789012345", "2024-02-29")]


def test_ids_that_lost_digits_stay_visible_as_lost(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["号", "名"])
        sheet.write_row(1, 0, [1234567890123456, "x"])
    assert read(path)[0] == [("1.23456789012346E+15", "x")]


def test_parquet_is_read_as_text(tmp_path):
    table = pa.table(
        {
            "号": pa.array([1, None]),
            "价": pa.array([1.0, 2.5]),
            "日": pa.array([datetime(2024, 1, 2)] * 2, pa.timestamp("us", "UTC")),  # noqa: DTZ001
            "单": pa.array([["a"], None]),
            "类": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet")[0] == [
        ("1", "1", "2024-01-02T00:00:00.000000Z", '["a"]', "x"),
        ("", "2.5", "2024-01-02T00:00:00.000000Z", "", "y"),
    ]


CELL = st.text(st.characters(codec="gb18030", exclude_characters='\r\x00"'), max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, st.booleans()), max_size=12),
    size=st.integers(1, 5),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    data=st.data(),
)
def test_going_on_anywhere_gives_the_same_batches(tmp_path_factory, rows, size, encoding, data):
    lines = [f'"x{a}","{b}"' if good else f'"x{a}"' for a, b, good in rows]
    path = write(
        tmp_path_factory.mktemp("f") / "a.csv", "\n".join(["a,b", *lines]).encode(encoding)
    )
    whole = list(open_rows(path).rows(size))
    stop = data.draw(st.integers(0, len(whole)))
    rest = list(open_rows(path).rows(size, start=stop * size))
    assert [told(each) for each in rest] == [told(each) for each in whole[stop:]]
    assert sum(len(each.numbers) + len(each.refused) for each in whole) == len(rows)


def told(rows):
    refused = [(row.row, row.code) for row in rows.refused]
    return rows.columns.to_pydict(), rows.numbers.tolist(), refused, rows.end


def test_memory_is_flat(tmp_path):
    """A file four times as large needs no more memory than the smaller one."""
    line = b"m%d,13912345678,name,2024-01-02 03:04:05\n"
    peaks = []
    for count in (100_000, 400_000):
        path = tmp_path / f"{count}.csv"
        path.write_bytes(b"a,b,c,d\n" + b"".join(line % n for n in range(count)))
        pool = pa.default_memory_pool()
        most = 0
        for rows in open_rows(path).rows(20_000):
            most = max(most, pool.bytes_allocated())
            assert len(np.unique(rows.numbers)) == 20_000
        peaks.append(most)
    assert peaks[1] < peaks[0] * 1.3 + (4 << 20)
