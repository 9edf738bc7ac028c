from __future__ import annotations

from datetime import datetime

import pytest

from siyu.commerce.files.formats import read_order_table
from siyu.commerce.tests.files import read_orders, write, write_excel, zipped
from siyu.kernel.errors import Refused

HEADER = ["order_no", "placed_at", "customer_no", "amount"]
DAY = datetime(2026, 1, 2, 8, 30)  # noqa: DTZ001 - a spreadsheet knows no zone


def test_sheet_with_orders_is_found_and_ids_stay_text(tmp_path):
    path = write_excel(
        tmp_path / "a.xlsx",
        {
            "说明": [["这是说明"], ["第二行"]],
            "订单信息": [["导出时间"], [], HEADER, ["0012", DAY, 17850, 12.5]],
        },
    )
    table = read_order_table(path)
    assert table.how == {"类型": "Excel", "工作表": "订单信息"}
    assert table.rows.tolist() == [4]
    assert [column.to_pylist() for column in table.columns] == [
        ["0012"],
        ["2026-01-02 08:30:00"],
        ["17850"],
        ["12.5"],
    ]


def test_long_number_that_lost_digits_is_refused_by_row(tmp_path):
    rows = [HEADER, [123456789012345678, DAY, "a", 1], ["10001", DAY, "b", 2]]
    found = read_orders(write_excel(tmp_path / "a.xlsx", {"s": rows}))
    assert [order.order_no for order in found.orders] == ["10001"]
    assert [(row.row, row.code) for row in found.refused] == [(2, "import.precision")]


def test_formula_is_not_run(tmp_path):
    path = write_excel(tmp_path / "a.xlsx", {"s": [HEADER, ["=1+1", DAY, "a", 1]]})
    assert "=1+1" not in read_order_table(path).column("order_no").to_pylist()


def test_excel_under_another_name_is_told_by_content(tmp_path):
    path = write_excel(tmp_path / "a.xlsx", {"s": [HEADER, ["1", DAY, "a", 1]]})
    renamed = write(tmp_path, path.read_bytes(), "orders.csv")
    assert read_order_table(renamed).how["类型"] == "Excel"


def test_csv_named_xls_is_told_by_content(tmp_path):
    path = write(tmp_path, "order_no,placed_at,amount\n1,2026-01-02,3\n", "orders.xls")
    assert read_order_table(path).how["分隔符"] == "逗号"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped({"xl/worksheets/sheet1.xml": b"0" * (20 << 20)}), "import.bomb"),
        (zipped({f"{number}": b"" for number in range(2001)}), "import.bomb"),
        (zipped({"readme.txt": b"no workbook"}), "import.archive"),
        (b"PK\x03\x04 broken", "import.archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "import.archive"),
    ],
)
def test_bombs_and_broken_workbooks_are_refused(tmp_path, content, code):
    with pytest.raises(Refused) as refusal:
        read_order_table(write(tmp_path, content, "a.xlsx"))
    assert refusal.value.code == code


def test_entry_that_lies_about_its_size_is_refused(tmp_path):
    honest = zipped({"xl/workbook.xml": b"x" * 100_000})
    size = (100_000).to_bytes(4, "little")
    assert honest.count(size) == 2
    lying = honest.replace(size, (10).to_bytes(4, "little"))
    with pytest.raises(Refused) as refusal:
        read_order_table(write(tmp_path, lying, "a.xlsx"))
    assert refusal.value.code == "import.archive"
