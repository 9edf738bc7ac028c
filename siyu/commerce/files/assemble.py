"""Rows of a file to orders. An order with one bad row is refused whole: half an order is a lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from siyu.commerce.files.columns import (
    NOTHING,
    Coded,
    Flags,
    Ints,
    Refusals,
    code_text,
    empty_column,
    parse_values,
    unify,
)
from siyu.commerce.files.formats import ColumnMapping, status_of
from siyu.commerce.rules import read_currency
from siyu.core.tabular.parse import (
    FIRST_YEAR,
    DateOrder,
    detect_date_order,
    is_masked,
    parse_id,
    parse_money,
    parse_quantity,
    parse_time,
)
from siyu.core.tabular.tables import RefusedRow, Table
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.kernel.identity import normalise_email
from siyu.kernel.ids import digest
from siyu.kernel.phones import normalise_phone

Value = TypeVar("Value")
SAFE_SUM = 9e17


@dataclass(frozen=True, slots=True)
class FileOrder:
    """One order of a file. placed_at: ms since the epoch. row: of its first line."""

    order_no: str
    placed_at: int
    amount_fen: int
    refund_fen: int
    is_cancelled: bool
    item_count: int
    customer_no: str
    phone: str
    email: str
    currency: str
    shop: str
    country: str
    platform: str
    lines: str
    row: int

    @property
    def content_hash(self) -> str:
        """Equal for equal content, whatever row it stands in."""
        told = (self.placed_at, self.amount_fen, self.refund_fen, self.is_cancelled)
        who = (self.customer_no, self.phone, self.email, self.currency, self.shop, self.country)
        return digest(repr((told, who, self.platform)).encode(), self.lines.encode()).hex()

    @property
    def is_known(self) -> bool:
        return bool(self.customer_no or self.phone or self.email)


@dataclass
class Assembled:
    """What a file holds: orders by time, refused rows by number, and remarks with counts."""

    orders: list[FileOrder]
    refused: list[RefusedRow]
    rows: int
    rows_without_customer: int
    remarks: Counter[str] = field(default_factory=Counter)


def assemble(
    table: Table,
    mapping: ColumnMapping,
    *,
    now: datetime,
    date_orders: Mapping[str, DateOrder] | None = None,
) -> Assembled:
    """All orders of a table under a mapping; `now` bounds the dates.

    date_orders: of the fields whose order is known from the whole file, when this is a part of it.
    """
    return _Assembly(table, mapping, now, date_orders or {}).run()


class _Assembly:
    """The columns of one file while its orders are put together."""

    def __init__(
        self,
        table: Table,
        mapping: ColumnMapping,
        now: datetime,
        date_orders: Mapping[str, DateOrder],
    ) -> None:
        self.table, self.mapping, self.now = table, mapping, now
        self.date_orders = date_orders
        self.size = len(table.rows)
        self.refusals = Refusals(table.rows, np.zeros(self.size, dtype=bool))
        self.remarks: Counter[str] = Counter()
        self.texts = {name: code_text(table.column(column)) for name, column in self._columns()}

    def run(self) -> Assembled:
        is_blank = self._blank_rows()
        order_no = unify(self.parsed("order_no", parse_id))
        self.refusals.add(
            ~order_no.is_there() & ~is_blank & ~self.refusals.bad,
            Refused("order.number", "缺少订单号", field="order_no"),
        )
        grouping = np.flatnonzero(order_no.is_there())
        self.order = grouping[np.argsort(order_no.codes[grouping], kind="stable")]
        codes = order_no.codes[self.order]
        self.starts = np.flatnonzero(np.diff(codes, prepend=-1))
        orders = self._orders(order_no) if len(codes) else []
        refused = self.table.refused + self.refusals.listed(self._sample)
        unknown = ~(self.text("customer_no").is_there() | self.text("phone").is_there()
                    | self.text("email").is_there())  # fmt: skip
        return Assembled(
            orders=sorted(orders, key=lambda each: (each.placed_at, each.order_no)),
            refused=sorted(refused, key=lambda each: each.row),
            rows=int(self.size - is_blank.sum()) + len(self.table.refused),
            rows_without_customer=int((unknown & ~is_blank & ~self.refusals.bad).sum()),
            remarks=+self.remarks,
        )

    def text(self, name: str) -> Coded[str]:
        return self.texts.get(name) or empty_column(self.size)

    def parsed(self, name: str, parse: Callable[[str], Value]) -> Coded[Value]:
        return parse_values(self.text(name), parse, self.refusals)

    def _columns(self) -> list[tuple[str, str]]:
        return list(self.mapping.columns.items())

    def _blank_rows(self) -> Flags:
        there = np.zeros(self.size, dtype=bool)
        for column in self.texts.values():
            there |= column.is_there()
        return ~there

    # --- one order from its rows -------------------------------------------------------------

    def _orders(self, order_no: Coded[str]) -> list[FileOrder]:
        placed = self._placed()
        amount, refund, quantity, is_cancelled = self._amounts()
        customer, phone, email = self._people()
        currency = self.first(self.parsed("currency", read_currency))
        shop, country = self.first(self.text("shop")), self.first(self.text("country"))
        platform, lines = self.first(self.text("platform")), self._lines()
        bad = np.logical_or.reduceat(self.refusals.bad[self.order], self.starts)
        self._refuse_rest(bad)
        numbers = [order_no.values[code] or "" for code in order_no.codes[self.order][self.starts]]
        rows = self.table.rows[self.order[self.starts]]
        return [
            FileOrder(
                order_no=numbers[at],
                placed_at=int(placed[at]),
                amount_fen=int(amount[at]),
                refund_fen=int(refund[at]),
                is_cancelled=bool(is_cancelled[at]),
                item_count=int(quantity[at]),
                customer_no=customer[at],
                phone=phone[at],
                email=email[at],
                currency=currency[at] or self.mapping.currency,
                shop=shop[at][:128],
                country=country[at][:64],
                platform=(platform[at] or self.mapping.platform)[:32],
                lines=lines[at],
                row=int(rows[at]),
            )
            for at in np.flatnonzero(~bad)
        ]

    def _refuse_rest(self, bad: Flags) -> None:
        """The good rows of a bad order are refused with it, pointing at the bad one."""
        for at in np.flatnonzero(bad):
            members = self._members(int(at))
            first = next(int(row) for row in members if self.refusals.bad[row])
            mask = np.zeros(self.size, dtype=bool)
            mask[members] = True
            number = int(self.table.rows[first])
            reason = f"同一订单的第 {number} 行有误, 整单未导入"
            self.refusals.add(mask, Refused("order.incomplete", reason))

    def _members(self, at: int) -> Ints:
        end = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.order)
        return self.order[self.starts[at] : end]

    def _sums(self, values: Ints) -> Ints:
        return np.add.reduceat(np.where(values == NOTHING, 0, values)[self.order], self.starts)

    def first(self, column: Coded[str]) -> list[str]:
        """The first row's value of every order, "" when empty."""
        codes = column.codes[self.order[self.starts]]
        return [column.values[code] or "" for code in codes]

    def only(self, values: Ints, refusal: Refused) -> Ints:
        """The one value of every order, `NOTHING` when it has none; orders with two are refused."""
        held = values[self.order]
        high = np.maximum.reduceat(held, self.starts)
        low = np.minimum.reduceat(
            np.where(held == NOTHING, np.iinfo(np.int64).max, held), self.starts
        )
        differs = (high != NOTHING) & (low != high)
        if differs.any():
            mask = np.zeros(self.size, dtype=bool)
            mask[self.order] = np.repeat(differs, np.diff(self.starts, append=len(self.order)))
            self.refusals.add(mask, refusal)
        return high

    # --- when, how much, who -----------------------------------------------------------------

    def _placed(self) -> Ints:
        zone = ZoneInfo(self.mapping.timezone)
        latest = self.now + timedelta(days=1)

        def read(text: str) -> int:
            at = parse_time(text, order, zone)
            if at.year < FIRST_YEAR or at > latest:
                raise Refused("import.date_range", "日期早于 1990 年或在未来", field="placed_at")
            return to_ms(at)

        placed = np.full(self.size, NOTHING)
        for name in ("paid_at", "placed_at"):
            column = self.text(name)
            known = self.mapping.date_order or self.date_orders.get(name)
            order = known or detect_date_order(filter(None, column.values))
            told = self.parsed(name, read).ints()
            placed = np.where(told == NOTHING, placed, told)
        absent = (placed == NOTHING) & self.text("order_no").is_there()
        self.refusals.add(absent, Refused("order.date", "缺少下单时间", field="placed_at"))
        return np.minimum.reduceat(placed[self.order], self.starts)

    def _amounts(self) -> tuple[Ints, Ints, Ints, Flags]:
        """Fen paid, fen refunded, pieces, and whether the order came to nothing."""
        status = self._statuses()
        quantity = self.parsed("quantity", parse_quantity).ints()
        pieces = self._sums(quantity)
        if "amount" in self.mapping.columns:
            amount, refund = self._whole_amounts(status)
            is_cancelled = status[self.order[self.starts]] == "cancelled"
        else:
            amount, refund = self._line_amounts(status, quantity)
            held = (status == "cancelled")[self.order]
            is_cancelled = np.logical_and.reduceat(held, self.starts)
        stated = self._stated("refund")
        amount, refund = to_fen(amount), np.maximum(to_fen(refund), to_fen(stated))
        is_credit = amount < 0
        refund = np.where(is_credit, -amount, refund)
        amount = np.where(is_credit | (is_cancelled & (refund == 0)), 0, amount)
        self._refuse_orders(
            ~is_credit & (refund > amount),
            Refused("order.refund", "退款大于订单金额", field="refund"),
        )
        return amount, refund, pieces, is_cancelled | ((amount == 0) & (refund == 0) & (pieces < 0))

    def _whole_amounts(self, status: np.ndarray) -> tuple[Ints, Ints]:
        amount = self.only(
            self.parsed("amount", _not_negative).ints(),
            Refused(
                "order.amounts",
                "同一订单各行金额不同; 若为行金额请映射为 line_amount",
                field="amount",
            ),
        )
        self._refuse_orders(
            amount == NOTHING, Refused("order.amount", "缺少订单金额", field="amount")
        )
        amount = np.where(amount == NOTHING, 0, amount)
        is_refunded = status[self.order[self.starts]] == "refunded"
        return amount, np.where(is_refunded, amount, 0)

    def _line_amounts(self, status: np.ndarray, quantity: Ints) -> tuple[Ints, Ints]:
        if "line_amount" in self.mapping.columns:
            amounts = self.parsed("line_amount", parse_money).ints()
        else:
            price = self.parsed("unit_price", parse_money).ints()
            amounts = self._products(quantity, price)
        absent = (amounts == NOTHING) & self.text("order_no").is_there()
        self.refusals.add(absent, Refused("order.amount", "缺少金额或数量", field="amount"))
        amounts = np.where((status == "cancelled") | (amounts == NOTHING), 0, amounts)
        refunds = np.abs(np.where(status == "refunded", amounts, 0))
        told = self.parsed("line_refund", parse_money).ints()
        refunds = np.where(told == NOTHING, refunds, np.abs(np.where(told == NOTHING, 0, told)))
        return self._sums(amounts), self._sums(refunds)

    def _products(self, quantity: Ints, price: Ints) -> Ints:
        there = (quantity != NOTHING) & (price != NOTHING)
        one, other = np.where(there, quantity, 0), np.where(there, price, 0)
        too_big = np.abs(one.astype(np.float64) * other) > SAFE_SUM / max(self.size, 1)
        self.refusals.add(too_big, Refused("money.range", "金额超出范围", field="unit_price"))
        return np.where(there, np.where(too_big, 0, one) * other, NOTHING)

    def _stated(self, name: str) -> Ints:
        refund = self.only(
            self.parsed(name, parse_money).ints(),
            Refused("order.amounts", "同一订单各行退款金额不同; 若为行退款请映射为 line_refund"),
        )
        return np.abs(np.where(refund == NOTHING, 0, refund))

    def _refuse_orders(self, which: Flags, refusal: Refused) -> None:
        mask = np.zeros(self.size, dtype=bool)
        mask[self.order] = np.repeat(which, np.diff(self.starts, append=len(self.order)))
        self.refusals.add(mask, refusal)

    def _statuses(self) -> np.ndarray:
        """The status word of every row; after-sale words count where they say refunded."""
        status = self._words("status")
        after_sale = self._words("after_sale")
        status = np.where(np.isin(after_sale, ["refunded", "partly_refunded"]), after_sale, status)
        unpaid = status == "unpaid"
        self.refusals.add(unpaid, Refused("order.unpaid", "未付款, 不计为订单", field="status"))
        columns = self.mapping.columns
        partly = int((status == "partly_refunded").sum())
        if partly and not {"refund", "line_refund"} & set(columns):
            self.remarks["部分退款但文件没有退款金额, 按未退款记 (行)"] += partly
        return status

    def _words(self, name: str) -> np.ndarray:
        column = self.text(name)
        words = np.array(["paid" if text is None else status_of(text) for text in column.values])
        return words[column.codes]

    def _people(self) -> tuple[list[str], list[str], list[str]]:
        customer = unify(self._reading("customer_no", parse_id, "客户编号无效, 不作为身份 (行)"))
        differs = Refused("order.customers", "同一订单有两个客户编号", field="customer_no")
        self.only(np.where(customer.is_there(), customer.codes, NOTHING), differs)
        phone = self._reading("phone", normalise_phone, "手机号无效, 不作为身份 (行)")
        email = self._reading("email", normalise_email, "邮箱无效, 不作为身份 (行)")
        return self._any(customer), self._any(phone), self._any(email)

    def _reading(self, name: str, parse: Callable[[str], str], remark: str) -> Coded[str]:
        """Values that may be wrong without spoiling the order; stars mean hidden by the platform."""
        text = self.text(name)
        shown = Coded(text.codes, [None if t is None or is_masked(t) else t for t in text.values])
        masked = int((text.is_there() & ~shown.is_there()).sum())
        read = parse_values(shown, parse, None)
        wrong = int((shown.is_there() & ~read.is_there()).sum())
        self.remarks.update({"被平台打码 (行)": masked, remark: wrong})
        return read

    def _any(self, column: Coded[str]) -> list[str]:
        """A value of every order that has one on any of its rows."""
        codes = np.where(column.is_there(), column.codes, NOTHING)[self.order]
        best = np.maximum.reduceat(codes, self.starts)
        return ["" if code == NOTHING else column.values[code] or "" for code in best]

    # --- what was bought ---------------------------------------------------------------------

    def _lines(self) -> list[str]:
        """JSON text of every order's lines."""
        parts = [
            (f'"{key}":', [_json(value) for value in column.values], column.codes[self.order])
            for key, column in self._line_columns()
        ]
        if not parts:
            return ["[]"] * len(self.starts)
        cells = [[name + texts[code] for code in codes] for name, texts, codes in parts]
        rows = ["{" + ",".join(row) + "}" for row in zip(*cells, strict=True)]
        ends = [*self.starts[1:], len(rows)]
        return [
            "[" + ",".join(rows[start:end]) + "]"
            for start, end in zip(self.starts, ends, strict=True)
        ]

    def _line_columns(self) -> list[tuple[str, Coded[str] | Coded[int]]]:
        if not {"sku", "name"} & set(self.mapping.columns):
            return []
        quantity = parse_values(self.text("quantity"), parse_quantity, None)
        return [
            ("sku", self.text("sku")),
            ("name", self.text("name")),
            ("quantity", quantity),
            ("unit_price", self.text("unit_price")),
        ]

    def _sample(self, index: int) -> str:
        """The row's order number and money columns, never who it is about."""
        shown = ("order_no", "placed_at", "amount", "quantity", "unit_price", "status")
        texts = [(name, self.texts[name]) for name in shown if name in self.texts]
        return " ".join(f"{name}={col.values[col.codes[index]] or ''}"[:60] for name, col in texts)


def to_fen(amounts: Ints) -> Ints:
    """1/10,000 of the unit to fen, half away from zero."""
    fen: Ints = np.sign(amounts) * ((np.abs(amounts) + 50) // 100)
    return fen


def _not_negative(text: str) -> int:
    amount = parse_money(text)
    if amount < 0:
        raise Refused("money.negative", "金额不能为负; 退款请放在退款列", field="amount")
    return amount


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
