"""Which column means what: known formats, guesses, saved mappings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

import msgspec

from siyu.commerce.types import BRAND_CURRENCY
from siyu.core.tabular.parse import DateOrder
from siyu.core.tabular.tables import Table, read_table
from siyu.kernel.errors import Refused

FIELDS = {
    "order_no": "订单号",
    "placed_at": "下单时间",
    "paid_at": "付款时间 (没有下单时间时用)",
    "customer_no": "客户编号",
    "phone": "手机号",
    "email": "邮箱",
    "amount": "订单金额 (每行相同)",
    "line_amount": "行金额 (逐行相加)",
    "refund": "退款金额 (每行相同)",
    "line_refund": "行退款金额 (逐行相加)",
    "quantity": "数量",
    "unit_price": "单价",
    "sku": "商品编码",
    "name": "商品名称",
    "status": "订单状态",
    "after_sale": "售后状态",
    "currency": "币种",
    "shop": "店铺",
    "country": "国家/地区",
    "platform": "平台",
}


class OrderFormat(msgspec.Struct, frozen=True):
    """A kind of file people download somewhere."""

    name: str
    zh: str
    source: str
    platform: str
    marks: tuple[str, ...]
    columns: dict[str, str]


class Knowledge(msgspec.Struct, frozen=True):
    """All of `formats.toml`."""

    formats: tuple[OrderFormat, ...]
    words: dict[str, tuple[str, ...]]
    statuses: dict[str, tuple[str, ...]]


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True, rename={"format_name": "format"}):
    """How one kind of header is read. columns: field → header."""

    columns: dict[str, str]
    source: str
    platform: str
    format_name: str = ""
    date_order: DateOrder | None = None
    currency: str = BRAND_CURRENCY
    timezone: str = "Asia/Shanghai"


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """What we know of other people's files."""
    text = resources.files("siyu.commerce.files").joinpath("formats.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Knowledge)


def guess_mapping(header: Sequence[str]) -> ColumnMapping:
    """The best guess: a known format, else words; fields may be missing."""
    present = set(header)
    for known in knowledge().formats:
        if present.issuperset(known.marks):
            return _mapping_of(known, header)
    return ColumnMapping(columns=_by_words(header), source="orders", platform="import")


def read_order_table(path: Path) -> Table:
    """The table of a file; of a workbook, the sheet that looks most like orders."""
    return read_table(path, lambda header: len(guess_mapping(header).columns))


def check_mapping(mapping: ColumnMapping, header: Sequence[str]) -> None:
    """Refused when a field is unknown, a column is absent, or money or time has no column."""
    for field, column in mapping.columns.items():
        if field not in FIELDS:
            raise Refused(
                "import.field", f"没有字段 {field}; 可用: {', '.join(FIELDS)}", field="map"
            )
        if column not in header:
            raise Refused("import.column", f"文件里没有列 {column}", field="map")
    fields = set(mapping.columns)
    if "order_no" not in fields:
        raise Refused("import.no_order_no", "未找到订单号列, 请用 --map 列名=order_no", field="map")
    if not fields & {"placed_at", "paid_at"}:
        raise Refused("import.no_date", "未找到时间列, 请用 --map 列名=placed_at", field="map")
    if not fields & {"amount", "line_amount"} and not fields >= {"quantity", "unit_price"}:
        raise Refused(
            "import.no_amount", "未找到金额列, 请用 --map 列名=amount (或数量与单价)", field="map"
        )


def _mapping_of(known: OrderFormat, header: Sequence[str]) -> ColumnMapping:
    columns = {known.columns[name]: name for name in reversed(header) if name in known.columns}
    return ColumnMapping(
        columns=columns, source=known.source, platform=known.platform, format_name=known.name
    )


def _by_words(header: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for field, words in knowledge().words.items():
        for name in header:
            if name.lower() in (field, *words) and name not in columns.values():
                columns.setdefault(field, name)
    return columns


def status_of(text: str, statuses: Mapping[str, Sequence[str]] | None = None) -> str:
    """`unpaid`, `partly_refunded`, `refunded`, `cancelled`, or `paid` for everything else."""
    lowered = text.lower()
    for status, words in (statuses or knowledge().statuses).items():
        if any(word in lowered for word in words):
            return status
    return "paid"
