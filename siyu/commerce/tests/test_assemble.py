from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.commerce.files.formats import guess_mapping, status_of
from siyu.commerce.tests.files import OWN, read_orders, write
from siyu.kernel.errors import Refused

RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def test_lines_of_one_invoice_become_one_order(tmp_path):
    found = read_orders(
        write(
            tmp_path,
            RETAIL + "1,A,Tea,2,2010-12-01 08:26:00,2.55,17850.0,UK\n"
            '1,B,"Cup ""x""",1,2010-12-01 08:27:00,0.001,17850.0,UK\n',
        )
    )
    [order] = found.orders
    assert (order.amount_fen, order.item_count, order.customer_no) == (510, 3, "17850")
    assert msgspec.json.decode(order.lines)[1] == {
        "sku": "B",
        "name": 'Cup "x"',
        "quantity": 1,
        "unit_price": "0.001",
    }


def test_cancelled_invoice_is_a_refund(tmp_path):
    path = write(tmp_path, RETAIL + "C1,A,Tea,-2,2010-12-01 08:26:00,2.55,17850.0,UK\n")
    [order] = read_orders(path).orders
    assert (order.amount_fen, order.refund_fen, order.is_cancelled) == (0, 510, False)


def test_lines_without_customer_are_kept_and_counted(tmp_path):
    found = read_orders(write(tmp_path, RETAIL + "1,A,Tea,2,2010-12-01 08:26:00,2.55,,UK\n"))
    assert found.rows_without_customer == 1
    assert [order.is_known for order in found.orders] == [False]


def test_one_bad_line_refuses_its_order_and_no_other(tmp_path):
    found = read_orders(
        write(
            tmp_path,
            RETAIL + "1,A,Tea,2,2010-12-01 08:26:00,2.55,1.0,UK\n"
            "1,B,Cup,x,2010-12-01 08:26:00,2.55,1.0,UK\n"
            "2,B,Cup,1,2010-12-01 08:26:00,2.55,1.0,UK\n",
        )
    )
    assert [order.order_no for order in found.orders] == ["2"]
    assert [(row.row, row.code) for row in found.refused] == [
        (2, "order.incomplete"),
        (3, "import.quantity"),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",2026-01-02,a,1", "order.number"),
        ("1,2026-02-30,a,1", "import.date"),
        ("1,2099-01-02,a,1", "import.date_range"),
        ("1,1970-01-01,a,1", "import.date_range"),
        ("1,,a,1", "order.date"),
        ("1,2026-01-02,a,", "order.amount"),
        ("1,2026-01-02,a,-5", "money.negative"),
        ("1,2026-01-02,a,abc", "money.invalid"),
        ("1,2026-01-02,a,1e18", "money.range"),
        ("1.23E+17,2026-01-02,a,1", "import.precision"),
    ],
)
def test_bad_row_is_reported_with_number_and_reason(tmp_path, row, code):
    found = read_orders(write(tmp_path, f"{OWN}7,2026-01-02,a,1\n{row}\n"))
    assert [order.order_no for order in found.orders] == ["7"]
    assert [(refused.row, refused.code) for refused in found.refused] == [(3, code)]


def test_amounts_that_differ_inside_an_order_are_refused(tmp_path):
    found = read_orders(write(tmp_path, f"{OWN}1,2026-01-02,a,1\n1,2026-01-02,a,2\n"))
    assert {row.code for row in found.refused} == {"order.amounts"}


def test_two_customers_in_one_order_are_refused(tmp_path):
    found = read_orders(write(tmp_path, f"{OWN}1,2026-01-02,a,1\n1,2026-01-02,b,1\n"))
    assert {row.code for row in found.refused} == {"order.customers"}


def test_taobao_export_in_gbk_with_wrappers_and_stars(tmp_path):
    text = (
        "订单编号,买家会员名,买家实际支付金额,订单状态,联系手机,订单创建时间,宝贝标题 ,宝贝总数量,店铺名称,退款金额\n"
        '="301",t**3,"1,234.50",交易成功,\'13912345678,2026-01-02 08:00:00,茶,2,旗舰店,0\n'
        '="302",李四,20.00,交易成功,138****5678,2026-01-03 08:00:00,杯,1,旗舰店,20.00\n'
        '="303",王五,20.00,交易关闭,,2026-01-03 08:00:00,杯,1,旗舰店,0\n'
        '="304",王五,20.00,等待买家付款,,2026-01-03 08:00:00,杯,1,旗舰店,0\n'
    )
    found = read_orders(write(tmp_path, text.replace("'139", "139").encode("gbk")))
    told = {o.order_no: (o.amount_fen, o.refund_fen, o.customer_no, o.phone) for o in found.orders}
    assert told == {
        "301": (123450, 0, "", "+8613912345678"),
        "302": (2000, 2000, "李四", ""),
        "303": (0, 0, "王五", ""),
    }
    assert [(row.row, row.code) for row in found.refused] == [(5, "order.unpaid")]
    assert found.remarks["被平台打码 (行)"] == 2
    assert {order.platform for order in found.orders} == {"taobao"}


def test_doudian_sub_orders_are_added_up(tmp_path):
    text = (
        "主订单编号,子订单编号,选购商品,商品数量,订单应付金额,订单状态,售后状态,订单提交时间\n"
        "69\t,1\t,茶,1,10.00,已完成,-,2026-01-02 08:00:00\n"
        "69\t,2\t,杯,1,5.00,已完成,退款成功,2026-01-02 08:00:00\n"
    )
    [order] = read_orders(write(tmp_path, text)).orders
    assert (order.order_no, order.amount_fen, order.refund_fen) == ("69", 1500, 500)
    assert order.platform == "douyin"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("商品,订单号,订单状态,用户实付金额(元),商品数量(件),订单成交时间", "pinduoduo"),
        ("订单号,商品ID,商品名称,订购数量,下单时间,应付金额,订单状态,下单帐号", "jd"),
        (RETAIL.strip(), "online_retail"),
        ("Invoice,StockCode,Quantity,Price", ""),
    ],
)
def test_format_is_recognised_by_its_header(header, name):
    assert guess_mapping(header.split(",")).format_name == name


def test_unknown_header_is_guessed_by_words(tmp_path):
    path = write(tmp_path, "单号,日期,会员号,实付金额\nX1,2026/1/2,m1,9.9\n")
    [order] = read_orders(path).orders
    assert (order.order_no, order.customer_no, order.amount_fen) == ("X1", "m1", 990)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("日期,金额", "import.no_order_no"),
        ("订单号,金额", "import.no_date"),
        ("订单号,日期", "import.no_amount"),
    ],
)
def test_missing_columns_say_what_to_map(tmp_path, header, code):
    with pytest.raises(Refused) as refusal:
        read_orders(write(tmp_path, f"{header}\n1,2\n"))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("交易成功", "paid"),
        ("已发货, 待签收", "paid"),
        ("未发货，退款成功", "refunded"),
        ("部分退款", "partly_refunded"),
        ("已取消", "cancelled"),
        ("待付款", "unpaid"),
    ],
)
def test_status_words_are_understood(text, status):
    assert status_of(text) == status


LINE = st.tuples(
    st.integers(0, 5),
    st.integers(-1000, 1000),
    st.decimals(min_value=-1000, max_value=1000, places=3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=25))
def test_net_of_every_order_is_the_exact_sum_rounded_once(lines):
    exact: dict[str, Decimal] = {}
    text = RETAIL
    for number, quantity, price in lines:
        text += f"N{number},A,Tea,{quantity},2010-12-01 08:26:00,{price},,UK\n"
        exact[f"N{number}"] = exact.get(f"N{number}", Decimal(0)) + quantity * price
    with TemporaryDirectory() as folder:
        found = read_orders(write(Path(folder), text))
    net = {order.order_no: order.amount_fen - order.refund_fen for order in found.orders}
    cent = Decimal(1)
    assert net == {k: int((v * 100).quantize(cent, ROUND_HALF_UP)) for k, v in exact.items()}
