"""Kinds of files and what their columns may mean: guessed from headers, confirmed by people."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from siyu.core.runtime import runtime
from siyu.core.tabular.parse import DateOrder
from siyu.kernel.errors import Refused
from siyu.pool.queries import field_catalogue

KINDS = ("customers", "identities", "orders", "events", "tags")
IDENTITY, TRAIT, PROPERTY = "identity:", "trait:", "property:"
_OWN: Mapping[str, dict[str, str]] = {
    "customers": {
        "at": "首次出现时间",
        "tags": "标签 (用 , ; | 隔开, 组:名)",
        "consent:marketing": "营销授权 (是/否)",
    },
    "identities": {"namespace": "身份类型", "scope": "身份范围", "value": "身份值", "at": "时间"},
    "events": {
        "event": "事件名",
        "at": "发生时间",
        "message_id": "事件 ID (去重)",
        "properties": "属性 (JSON)",
    },
    "tags": {"tag": "标签名", "group": "标签组", "at": "时间"},
}


class FileMapping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one kind of header is read. columns: header → field; other columns are left out.

    source: a name that keeps customer numbers of different systems apart. event, tag, group:
    for files that have no such column.
    """

    columns: dict[str, str]
    source: str
    platform: str = "import"
    date_order: DateOrder | None = None
    timezone: str = "Asia/Shanghai"
    event: str = ""
    tag: str = ""
    group: str = ""
    currency: str = "CNY"

    def column_of(self, field: str) -> str | None:
        """The header of a field that has at most one column."""
        return next((name for name, meant in self.columns.items() if meant == field), None)

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """(header, rest of the field) of all columns of a family, in the file's order."""
        return [
            (name, meant.removeprefix(prefix))
            for name, meant in self.columns.items()
            if meant.startswith(prefix)
        ]


def list_fields(kind: str) -> dict[str, str]:
    """field → what it is called, for choosing."""
    if kind == "orders":
        from siyu.commerce.files.formats import FIELDS

        return dict(FIELDS)
    named = {f"{IDENTITY}{rule.name}": rule.zh for rule in runtime().namespaces}
    fields = {**named, **_OWN[kind]}
    if kind == "customers":
        words = _words()["customers"]
        fields |= {name: texts[1] for name, texts in words.items() if name.startswith(TRAIT)}
        fields |= {f"{TRAIT}{each.key}": each.zh for each in field_catalogue(personal=True)}
    return fields


def guess(kind: str, header: Sequence[str]) -> FileMapping:
    """The best guess from the names of the columns."""
    check_kind(kind)
    if kind == "orders":
        return _guess_orders(header)
    words = {**_words()["shared"], **_words()[kind]}
    meanings = {text: field for field, texts in words.items() for text in texts}
    meanings |= {field.lower(): field for field in list_fields(kind)}
    columns: dict[str, str] = {}
    for name in header:
        field = meanings.get(name.lower())
        if field and (field not in columns.values() or field.startswith(IDENTITY)):
            columns[name] = field
        elif kind == "events":
            columns[name] = f"{PROPERTY}{name}"
    if kind == "events":
        columns = _without_personal(columns)
    return FileMapping(columns=columns, source=kind)


def check(kind: str, mapping: FileMapping, header: Sequence[str]) -> None:
    """Refused when a column is absent, a field unknown or given twice, or one is missing."""
    check_kind(kind)
    source = mapping.source.strip()
    if not source or len(source) > 64 or "\x00" in source or not mapping.platform.isascii():
        raise Refused("import.source", "来源名须为 1 至 64 个字", field="source")
    _check_zone(mapping.timezone)
    for name, field in mapping.columns.items():
        if name not in header:
            raise Refused("import.column", f"文件里没有列 {name}", field="columns")
        _check_field(kind, field)
    once = [field for field in mapping.columns.values() if not field.startswith(IDENTITY)]
    repeated = next((field for field in once if once.count(field) > 1), None)
    if repeated:
        raise Refused("import.field_twice", f"两列都映射为 {repeated}", field="columns")
    if kind == "orders":
        _check_orders(mapping, header)
    else:
        _check_complete(kind, mapping)


def check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Refused("import.kind", f"没有这种导入; 可用: {', '.join(KINDS)}", field="kind")


def find_saved(kind: str, header: Sequence[str]) -> FileMapping | None:
    """The mapping last confirmed for this kind and header."""
    return _read_saved().get(_key(kind, header))


def save(kind: str, header: Sequence[str], mapping: FileMapping) -> None:
    """Remember a mapping for the next file with the same header."""
    saved = {**_read_saved(), _key(kind, header): mapping}
    path = _saved_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(saved), indent=2))
    fresh.replace(path)


def likeness(kind: str) -> Any:
    """How much a row looks like a header of this kind; for finding it in a workbook."""

    def count(header: Sequence[str]) -> int:
        found = guess(kind, list(header)).columns
        return sum(not field.startswith(PROPERTY) for field in found.values())

    return count


def _check_field(kind: str, field: str) -> None:
    known, sign, scope = field.partition("@")
    if kind != "orders" and sign and field.startswith(IDENTITY) and 0 < len(scope) <= 96:
        field = known
    if field in list_fields(kind):
        return
    family, _, rest = field.partition(":")
    is_open = (kind, family) in {("customers", "trait"), ("events", "property")}
    if not is_open or not 0 < len(rest) <= 64 or "\x00" in rest:
        raise Refused("import.field", f"没有字段 {field}", field="columns")


def _check_complete(kind: str, mapping: FileMapping) -> None:
    fields = set(mapping.columns.values())
    has_value = kind == "identities" and {"namespace", "value"} <= fields
    if not has_value and not any(field.startswith(IDENTITY) for field in fields):
        reason = "没有任何身份列 (客户编号、手机号……)"
        raise Refused("import.no_identity", reason, field="columns")
    if kind == "events" and "at" not in fields:
        raise Refused("import.no_date", "没有时间列", field="columns")
    if kind == "events" and "event" not in fields and not mapping.event.strip():
        raise Refused("import.no_event", "没有事件名列, 也没有给出事件名", field="event")
    if kind == "tags" and "tag" not in fields and not mapping.tag.strip():
        raise Refused("import.no_tag", "没有标签列, 也没有给出标签", field="tag")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise Refused("import.timezone", f"没有时区 {name[:40]!r}", field="timezone") from error


def _check_orders(mapping: FileMapping, header: Sequence[str]) -> None:
    from siyu.commerce.files.formats import check_mapping
    from siyu.commerce.rules import read_currency
    from siyu.files.orders import order_mapping

    read_currency(mapping.currency)
    check_mapping(order_mapping(mapping), header)


def _without_personal(columns: dict[str, str]) -> dict[str, str]:
    from siyu.lake.privacy import PERSONAL_KEYS

    return {
        name: field
        for name, field in columns.items()
        if not field.startswith(PROPERTY) or name.lower() not in PERSONAL_KEYS
    }


def _guess_orders(header: Sequence[str]) -> FileMapping:
    from siyu.commerce.files.formats import guess_mapping

    found = guess_mapping(header)
    columns = {name: field for field, name in found.columns.items()}
    return FileMapping(columns=columns, source=found.source, platform=found.platform)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, list[str]]]:
    text = resources.files("siyu.files").joinpath("words.toml").read_text("utf-8")
    return tomllib.loads(text)


def _key(kind: str, header: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join((kind, *header)).encode()).hexdigest()[:16]


def _saved_path() -> Path:
    return runtime().home / "imports" / "mappings.json"


def _read_saved() -> dict[str, FileMapping]:
    try:
        return msgspec.json.decode(_saved_path().read_bytes(), type=dict[str, FileMapping])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        raise Refused("import.saved", f"{_saved_path()} 损坏, 请删除后重试") from error
