from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.commerce.files.formats import read_order_table
from siyu.commerce.tests.files import write
from siyu.core.tabular.tables import read_csv
from siyu.core.tabular.text import Text
from siyu.kernel.errors import Refused

CHINESE = "订单编号,买家会员名,金额\n10001,张三丰,12.50\n10002,李四,3\n"


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encoding_is_detected_shown_and_read_exactly(tmp_path, encoding, told):
    table = read_order_table(write(tmp_path, CHINESE.encode(encoding)))
    assert table.how["编码"] == told
    assert table.header == ["订单编号", "买家会员名", "金额"]
    assert table.column("买家会员名").to_pylist() == ["张三丰", "李四"]


def test_rare_character_of_gb18030_survives(tmp_path):
    table = read_order_table(write(tmp_path, "a,b\n𠮷野,1\n".encode("gb18030")))
    assert table.column("a").to_pylist() == ["𠮷野"]


@pytest.mark.parametrize("content", [b"\xf0\x9f", b"\xff", b"\n", b"\x00"])
def test_a_file_without_a_line_is_refused(tmp_path, content):
    with pytest.raises(Refused):
        read_order_table(write(tmp_path, content))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_found(tmp_path, delimiter):
    text = f'a{delimiter}"b,x;y"{delimiter}c\n1{delimiter}2{delimiter}3\n'
    table = read_order_table(write(tmp_path, text))
    assert table.header == ["a", "b,x;y", "c"]
    assert [column.to_pylist() for column in table.columns] == [["1"], ["2"], ["3"]]


def test_mixed_newlines_and_quotes_inside_are_read(tmp_path):
    table = read_order_table(write(tmp_path, b'a,b\r\n1,"say ""hi"""\n2,"two\nlines"\r3,x'))
    assert table.column("b").to_pylist() == ['say "hi"', "two\nlines", "x"]
    assert table.rows.tolist() == [2, 3, 4]


def test_rows_with_wrong_cell_counts_are_refused_with_their_number(tmp_path):
    table = read_order_table(write(tmp_path, "a,b\n1,2\n3\n4,5\n6,7,8\n9,10"))
    assert [(row.row, row.code) for row in table.refused] == [
        (3, "import.cells"),
        (5, "import.cells"),
    ]
    assert table.rows.tolist() == [2, 4, 6]


def test_cut_last_line_is_reported(tmp_path):
    table = read_order_table(write(tmp_path, "a,b,c\n1,2,3\n4,5"))
    assert [(row.row, row.reason) for row in table.refused] == [(3, "应有 3 列, 实有 2 列")]


def test_unclosed_quote_is_reported_and_not_taken(tmp_path):
    table = read_order_table(write(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n7,8\n'))
    assert table.column("a").to_pylist() == ["1"]
    assert [row.code for row in table.refused] == ["import.quote"]
    assert table.refused[0].row == 3


def test_blank_lines_keep_the_numbers_right(tmp_path):
    table = read_order_table(write(tmp_path, "\na,b\n\n1,2\n"))
    assert table.rows[table.column("a").to_pylist().index("1")] == 4


def test_gzip_is_unpacked_by_content_not_by_name(tmp_path):
    table = read_order_table(write(tmp_path, gzip.compress(CHINESE.encode()), "orders.csv"))
    assert table.how["压缩"] == "gzip"
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"  \n\n", "import.empty"),
        (gzip.compress(b"0" * (64 << 20)), "import.bomb"),
        (gzip.compress(CHINESE.encode(), mtime=0)[:-9], "import.gzip"),
        (b"\x1f\x8bnothing", "import.gzip"),
        ((",".join(f"c{n}" for n in range(501)) + "\n").encode(), "import.columns"),
        (b"a,b\n1,\xff\xff\n", "import.encoding"),
        (b",,\n1,2,3\n", "import.header"),
        (b"a,b\n" + b"x,y\n" * 2000 + b"1,2\x00\n", "import.binary"),
    ],
)
def test_hopeless_files_are_refused_whole(tmp_path, content, code):
    with pytest.raises(Refused) as refusal:
        read_order_table(write(tmp_path, content))
    assert refusal.value.code == code


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(Refused, match="读不到"):
        read_order_table(tmp_path / "nowhere.csv")


def test_repeated_header_names_are_told_apart(tmp_path):
    table = read_order_table(write(tmp_path, "a,a,,收货地址 \n1,2,3,4\n"))
    assert table.header == ["a", "a#2", "列3", "收货地址"]


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufeff"),
    max_size=8,
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=8))
def test_any_quoted_table_round_trips(rows):
    lines = [["left", "right"], *rows]
    text = "\n".join(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row) for row in lines)
    table = read_csv(Text(f"{text}\n".encode(), "utf-8", is_gzip=False, file_hash=""))
    assert [list(row) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)] == rows
